// The image's two programs: the one that starts the service its argument names, and the one that
// asks whether it is alive.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { allSettings } from '../../../deploy/docs/settings.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';

const SERVICES = readdirSync(packagePath('services'))
  .filter((name) => existsSync(packagePath('services', name, 'config.ts')))
  .sort();
const ADMIN_PORTS = SERVICES.map((service) => `FOGHORN_${service.toUpperCase()}_ADMIN_PORT`);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return await new Promise((resolve) => {
    const file = packagePath('deploy', program);
    const child = execFile(process.execPath, [file, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

for (const service of SERVICES)
  test(`the argument ${service} starts the ${service}, with what follows as its own arguments`, async () => {
    const { code, stdout } = await run('entrypoint.mjs', [service, '--help']);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`${service}: `), stdout.slice(0, 100));
  });

test('the command line can be run in the image too', async () => {
  const { code, stdout } = await run('entrypoint.mjs', ['cli', 'catalog', 'show', 'wmserver-309-port-in-use']);
  assert.equal(code, 0);
  assert.ok(stdout.includes('309'));
});

test('a service that does not exist, or none, is refused with the names of those that do', async () => {
  for (const args of [['indexr'], [], ['../deploy']]) {
    const { code, stderr } = await run('entrypoint.mjs', args);
    assert.equal(code, 64);
    assert.ok(stderr.includes(SERVICES.join(', ')), stderr);
  }
});

async function answering(t: TestContext, status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? status : 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return String((server.address() as AddressInfo).port);
}

/** Ports on which nothing listens, whatever else runs on this machine. */
const nobody = Object.fromEntries(ADMIN_PORTS.map((name) => [name, '1']));

test('the container is healthy when its one service answers, at the address the environment says', async (t) => {
  const port = await answering(t, 200);
  for (const name of ADMIN_PORTS) {
    const host = { [name.replace('_PORT', '_HOST')]: '0.0.0.0' };
    assert.equal((await run('health.mjs', [], { ...nobody, ...host, [name]: port })).code, 0, name);
  }
});

test('it is not when nobody answers, or the answer is an error', async (t) => {
  const { code, stderr } = await run('health.mjs', [], nobody);
  assert.equal(code, 1);
  assert.match(stderr, /healthz/u);
  const port = await answering(t, 500);
  assert.equal((await run('health.mjs', [], { ...nobody, [ADMIN_PORTS[0] ?? '']: port })).code, 1);
});

test('the health check knows the services’ default ports', () => {
  const program = readFileSync(packagePath('deploy', 'health.mjs'), 'utf8');
  const ports = allSettings().filter(({ setting }) => setting.path.join('.').endsWith('.admin.port'));
  assert.equal(ports.length, SERVICES.length);
  for (const { setting } of ports) assert.ok(program.includes(`${setting.path[0]}: ${String(setting.default)}`));
});
