// What real agents asked the _bulk input when they started, recorded (test/data/start-ups): each
// request is answered as then, and each event is stored.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { collectorSchema } from '../../services/collector/config.ts';
import { bulkInput } from '../../services/collector/inputs/bulk/bulk.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { createMadeIntake } from '../support/collector-input.ts';

/** One request and its answer. */
interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64 where it is compressed. */
  readonly body?: string;
  readonly status: number;
  /** Without what differs from run to run; null for none. */
  readonly answer: unknown;
}

const FOLDER = packagePath('test', 'data', 'start-ups');
const TOKEN = 'a-token-of-the-fleet';
const EVENTS = 4;
const DIFFERS = new Set(['cluster_uuid', 'uid', 'took', '_id']);

for (const file of readdirSync(FOLDER))
  test(`${file}: each request is answered as it was, and four events are stored`, async (t) => {
    const port = await choosePort();
    const { collector } = collectorSchema.parse({
      collector: { bulk: { enabled: true, port, tokens: { fleet: TOKEN } } },
    });
    const { parts, records } = createMadeIntake(collector, { partition: 0, nowMs: 1_795_165_200_000 });
    const running = await bulkInput.start(collector.bulk, parts);
    t.after(async () => await running.stop(AbortSignal.abort()));
    const recorded = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as readonly Recorded[];
    for (const { method, path, headers, body, status, answer } of recorded) {
      const bytes = body === undefined ? {} : { body: Buffer.from(body, encodingOf(headers)) };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...bytes });
      const text = await response.text();
      assert.equal(response.status, status, `${method} ${path}`);
      assert.deepEqual(text === '' ? null : JSON.parse(text, leaveOut), answer, `${method} ${path}`);
    }
    const events = records.map(({ value }) => readEvent(Buffer.from(value ?? ''), 'utf-8'));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      Array.from({ length: EVENTS }, () => 'event'),
    );
  });

function encodingOf(headers: Recorded['headers']): BufferEncoding {
  return headers['content-encoding'] === undefined ? 'utf8' : 'base64';
}

function leaveOut(name: string, value: unknown): unknown {
  return DIFFERS.has(name) ? undefined : value;
}
