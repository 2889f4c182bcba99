// A worker that Redis refuses a command delivers nothing: that is said in the log and in /readyz,
// until it is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkerErrors } from '../../../../../services/notifier/delivery/worker-errors.ts';

function watched() {
  const lines: string[] = [];
  let nowMs = 0;
  const write =
    (level: string) =>
    (fields: object): void =>
      void lines.push(`${level} ${JSON.stringify(fields)}`);
  const errors = createWorkerErrors('ops', { debug: write('debug'), error: write('error') } as never, () => nowMs);
  return { errors, lines, pass: (ms: number) => void (nowMs += ms) };
}

const refused = Object.assign(new Error("NOPERM User foghorn has no permissions to run the 'bzpopmin' command"), {
  name: 'ReplyError',
});

test('a worker whose user may not run a command is not ready and says so at level error, once a minute', () => {
  const { errors, lines, pass } = watched();
  assert.equal(errors.current(), undefined);
  for (let tries = 0; tries < 6; tries += 1) {
    errors.record(refused);
    pass(5000);
  }
  assert.match(errors.current() ?? '', /refuses a command or a key to this user.*bzpopmin/u);
  assert.match(lines[0] ?? '', /^error .*bzpopmin/u);
  assert.ok(lines.slice(1).every((line) => line.startsWith('debug')));
  pass(30_000);
  assert.equal(errors.current(), undefined, 'it works again');
});

test('what passes by itself is no fault of the settings', () => {
  const { errors, lines } = watched();
  errors.record(new Error('Connection is closed.'));
  assert.equal(errors.current(), undefined);
  assert.match(lines[0] ?? '', /^debug/u);
});
