// The admin port of a service.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { startAdminServer } from '../../../../shared/http/admin-server.ts';

test('on loopback no page reads the metrics by a name of its own [security L6]', async (t) => {
  const source = {
    metrics: async () => await Promise.resolve('m 1\n'),
    ready: async () => await Promise.resolve(undefined),
  };
  const admin = await startAdminServer({ host: '127.0.0.1', port: 0 }, source);
  t.after(async () => await admin.close());
  const statusFor = async (host: string) =>
    await new Promise<number | undefined>((resolve, reject) => {
      const asking = get({ host: '127.0.0.1', port: admin.port, path: '/metrics', headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on('error', reject);
    });
  assert.equal(await statusFor('evil.example'), 403);
  assert.equal(await statusFor(`localhost:${admin.port}`), 200);
  assert.equal(await statusFor(`127.0.0.1:${admin.port}`), 200);
});
