// The image's health check: exit code 0 when a service of this container answers /healthz. Settings
// of the admin port are read from the environment only.
import { get } from 'node:http';

const ADMIN_PORTS = { collector: 9309, enricher: 9310, indexer: 9311, notifier: 9312, console: 9313 };
const TIMEOUT_MS = 3000;
const EVERY_ADDRESS = ['', '0.0.0.0', '::'];

const answers = await Promise.all(Object.keys(ADMIN_PORTS).map(async (service) => await isAlive(service)));
if (!answers.includes(true)) {
  process.stderr.write('No service of this container answers /healthz.\n');
  process.exitCode = 1;
}

async function isAlive(service) {
  const { host, port } = adminAddress(service);
  return await new Promise((resolve) => {
    const request = get({ host, port, path: '/healthz', timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', () => resolve(false));
  });
}

function adminAddress(service) {
  const setting = (name) => process.env[`FOGHORN_${service.toUpperCase()}_ADMIN_${name}`] ?? '';
  const host = setting('HOST');
  return {
    host: EVERY_ADDRESS.includes(host) ? '127.0.0.1' : host,
    port: Number(setting('PORT') || ADMIN_PORTS[service]),
  };
}
