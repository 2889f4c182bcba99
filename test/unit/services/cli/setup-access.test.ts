// `foghorn setup kafka` and `foghorn setup redis`: the least rights, printed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setupCommand } from '../../../../services/cli/commands/setup.ts';
import { UsageError } from '../../../../services/cli/command.ts';

async function run(...args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  assert.equal(await setupCommand.run(args, io), 0);
  return { out: out.join('\n'), err: err.join('\n') };
}

test('Kafka’s rights are printed as calls of its own tool; only who has to writes commands and alerts [security, ACLs]', async () => {
  const { out, err } = await run('kafka', '--principal-prefix', 'User:fh-');
  const lines = out.split('\n');
  assert.match(err, /nothing was changed/u);
  for (const line of lines)
    assert.match(line, /^kafka-acls\.sh --bootstrap-server \S+ --add --allow-principal 'User:fh-\w+' --operation /u);
  const writers = (topic: string): readonly string[] =>
    lines
      .filter((line) => line.includes(`--topic 'foghorn.${topic}'`) && line.includes('--operation Write'))
      .map((line) => /fh-(?<user>\w+)/u.exec(line)?.groups?.['user'] ?? '');
  assert.deepEqual(writers('commands'), ['console']);
  assert.deepEqual(writers('alerts'), ['enricher', 'operator']);
  assert.deepEqual(writers('raw'), ['collector', 'operator']);
  assert.deepEqual(writers('incidents'), ['notifier']);
});

test('Redis’ rule has the keys of the prefix and the notifier’s commands, and none that reaches beyond [security, ACLs]', async () => {
  const { out } = await run('redis', '--user', 'fh');
  assert.match(out, /^ACL SETUSER fh reset on '>PASSWORD' resetkeys resetchannels -@all ~foghorn:\* \+/u);
  for (const command of ['config', 'flushall', 'flushdb', 'keys', 'module', 'save', 'shutdown', 'acl', 'replicaof'])
    assert.ok(!` ${out} `.includes(` +${command} `), command);
});

test('what makes no sense is refused with words [security, ACLs]', async () => {
  await assert.rejects(run('kafka', '--principal-prefix', 'foghorn-'), UsageError);
  await assert.rejects(run('redis', '--user', 'a b'), UsageError);
  await assert.rejects(run('redis', 'now'), UsageError);
});
