// The console's address for links and the command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleAddressSettings, consoleUrlOf } from '../../../../shared/http/console-address.ts';

for (const [settings, expected] of [
  [{}, 'http://127.0.0.1:3090'],
  [{ http: { host: '0.0.0.0', port: 4000 } }, 'http://127.0.0.1:4000'],
  [{ http: { host: '::1' } }, 'http://[::1]:3090'],
  [{ http: { host: 'soc.example.org', tlsCert: 'cert.pem' } }, 'https://soc.example.org:3090'],
  [{ url: 'https://foghorn.example.org/base//', http: { port: 4000 } }, 'https://foghorn.example.org/base'],
] as const)
  test(`the console of ${JSON.stringify(settings)} is at ${expected}`, () => {
    assert.equal(consoleUrlOf(consoleAddressSettings.parse(settings)), expected);
  });

test('an address that is none is refused', () => {
  for (const url of ['foghorn.example.org', 'ftp://foghorn.example.org'])
    assert.throws(() => consoleAddressSettings.parse({ url }));
});
