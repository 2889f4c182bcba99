// Certificates that change while a server runs: what is served, and what is said when they cannot
// be used.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { readCertificates, TLS_METRICS, watchCertificates } from '../../../../shared/http/tls-files.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { createRegistry, declareMetrics } from '../../../../shared/runtime/metrics.ts';
import {
  CA_CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  NAMED_CERTIFICATE,
  NAMED_KEY,
  OTHER_CA_CERTIFICATE,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../../support/certificates.ts';
import { recordedLog } from '../../../support/log.ts';
import { pemFiles } from '../../../support/pem-files.ts';
import { until } from '../../../support/until.ts';

async function serve(t: TestContext) {
  const file = pemFiles(t);
  const files = { tlsCert: file(SERVER_CERTIFICATE), tlsKey: file(SERVER_KEY), clientCaFile: file(CA_CERTIFICATE) };
  const first = readCertificates(files, 'x.y');
  const server = createServer({ ...first.options, requestCert: true, rejectUnauthorized: false }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(String(socket.authorized));
  });
  const { log, lines } = recordedLog();
  const metrics = declareMetrics(createRegistry('test'), TLS_METRICS);
  watchCertificates(server, { files, section: 'x.y', first, everyMs: 10 }, { log, metrics });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open: TLSSocket[] = [];
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  /** The name of the server's certificate, and whether it knows the client's. */
  const ask = async () => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      cert: CLIENT_CERTIFICATE,
      key: CLIENT_KEY,
    });
    socket.on('error', () => undefined);
    open.push(socket);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return { socket, name: socket.getPeerCertificate().subject.CN, isKnown: String(answer) === 'true' };
  };
  const successful = async () => (await metrics.tlsLastReloadSuccessful.get()).values[0]?.value;
  return { files, ask, lines, successful };
}

test('changed files are used by the next connection, and open ones go on', async (t) => {
  const { files, ask, lines, successful } = await serve(t);
  const before = await ask();
  assert.deepEqual([before.name, before.isKnown], ['server', true]);
  writeFileSync(files.tlsCert, NAMED_CERTIFICATE);
  writeFileSync(files.tlsKey, NAMED_KEY);
  await until('the new certificate', async () => (await ask()).name === 'named');
  assert.equal(before.socket.destroyed, false);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.['msg'], 'the changed certificates are in use');
  writeFileSync(files.clientCaFile, OTHER_CA_CERTIFICATE);
  await until('another authority', async () => !(await ask()).isKnown);
  assert.equal(await successful(), 1);
});

for (const { name, file, text } of [
  { name: 'a key of another certificate', file: 'tlsKey', text: NAMED_KEY },
  { name: 'text that is no certificate', file: 'tlsCert', text: 'half' },
  { name: 'an authority that is none', file: 'clientCaFile', text: '' },
] as const)
  test(`${name}: those before stay in use, with one line in the log and a metric, until it is mended`, async (t) => {
    const { files, ask, lines, successful } = await serve(t);
    writeFileSync(files[file], text);
    await until('the line', () => lines.length === 1);
    assert.match(String(lines[0]?.['msg']), /going on with the certificates before/u);
    assert.equal(await successful(), 0);
    const { name: shown, isKnown } = await ask();
    assert.deepEqual([shown, isKnown], ['server', true]);
    const good = { tlsKey: SERVER_KEY, tlsCert: SERVER_CERTIFICATE, clientCaFile: CA_CERTIFICATE }[file];
    writeFileSync(files[file], good);
    await until('it is mended', async () => (await successful()) === 1);
    assert.equal(lines.length, 1);
  });

test('a file that is away for a while changes nothing but the metric', async (t) => {
  const { files, ask, lines, successful } = await serve(t);
  renameSync(files.tlsKey, `${files.tlsKey}.away`);
  await until('the metric', async () => (await successful()) === 0);
  renameSync(`${files.tlsKey}.away`, files.tlsKey);
  await until('the metric', async () => (await successful()) === 1);
  assert.equal((await ask()).name, 'server');
  assert.equal(lines.length, 1);
});

test('files that cannot be used at the start are named by their settings', (t) => {
  const file = pemFiles(t);
  const files = { tlsCert: file(SERVER_CERTIFICATE), tlsKey: file(NAMED_KEY) };
  assert.throws(
    () => readCertificates(files, 'x.y'),
    (error) => error instanceof ConfigError && /x\.y\.tlsCert and tlsKey cannot be used/u.test(error.message),
  );
});
