// Which clusters Foghorn works with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supportedVersion } from '../../../../shared/elasticsearch/version.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';

async function versionOf(version: object | undefined): Promise<string> {
  return await supportedVersion({
    request: async () => await Promise.resolve({ status: 200, body: { version } }),
    ready: async () => await Promise.resolve(undefined),
    close: async () => await Promise.resolve(),
  });
}

test('8.13 and later, and serverless whatever number it gives', async () => {
  for (const number of ['8.13.0', '8.19.2', '9.0.0', '10.1.0-SNAPSHOT'])
    assert.equal(await versionOf({ number, build_flavor: 'default' }), number);
  assert.equal(await versionOf({ number: '8.11.0', build_flavor: 'serverless' }), 'serverless');
});

test('an older one is refused with the version found and the one needed', async () => {
  for (const number of ['8.12.9', '7.17.29', '8.9.0'])
    await assert.rejects(
      versionOf({ number }),
      (error) => error instanceof ConfigError && error.message.includes(number) && error.message.includes('8.13'),
    );
  await assert.rejects(versionOf(undefined), ConfigError);
});
