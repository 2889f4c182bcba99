// The listener every server has: what it refuses to be started with, and how it stops.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { createListener, drain, listen } from '../../../../shared/http/listener.ts';
import { TLS_METRICS } from '../../../../shared/http/tls-files.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import { createRegistry, declareMetrics } from '../../../../shared/runtime/metrics.ts';
import { quietLog } from '../../../support/log.ts';

const options = {
  section: 'x.http',
  needsLogIn: false,
  logInSettings: ['tokens', 'clientCaFile'],
  requestTimeoutMs: 60_000,
  tlsReports: { log: quietLog, metrics: declareMetrics(createRegistry('test'), TLS_METRICS) },
};
const settings = { host: '127.0.0.1', port: 0, tlsCert: '', tlsKey: '', allowInsecure: false };

test('beyond loopback it takes a log-in and TLS, or the demand to do without', () => {
  for (const { own, needsLogIn, lacks } of [
    {
      own: {},
      needsLogIn: false,
      lacks: /Set x\.http\.tokens or x\.http\.clientCaFile, and x\.http\.tlsCert and tlsKey; or/u,
    },
    { own: {}, needsLogIn: true, lacks: /Set x\.http\.tlsCert and tlsKey; or/u },
    { own: { tlsCert: '/nowhere' }, needsLogIn: false, lacks: /Set x\.http\.tokens or x\.http\.clientCaFile; or/u },
  ])
    assert.throws(
      () => createListener({ ...settings, host: '0.0.0.0', ...own }, { ...options, needsLogIn }),
      (error) => error instanceof ConfigError && lacks.test(error.message),
    );
  createListener({ ...settings, host: '0.0.0.0', allowInsecure: true }, options);
  createListener({ ...settings, host: '127.9.9.9' }, options);
});

test('an address that is taken is named', async (t) => {
  const first = createListener(settings, options);
  t.after(() => first.close());
  await listen(first, settings);
  const { port } = first.address() as AddressInfo;
  await assert.rejects(
    listen(createListener(settings, options), { ...settings, port }),
    (error) => error instanceof ConfigError && error.message.includes(`127.0.0.1:${port}`),
  );
});

test('a stop waits for the answer under way and for no connection that is kept open, and breaks what is late', async () => {
  const server = createListener(settings, options);
  const answers: ServerResponse[] = [];
  server.on('request', (_request, response) => void answers.push(response));
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  const ask = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(server, 'request');
    return socket;
  };
  const [served, late] = [await ask(), await ask()];
  const deadline = new AbortController();
  const stopped = drain(server, deadline.signal);
  answers[0]?.end('done');
  const [text] = (await once(served, 'data')) as [Buffer];
  assert.match(text.toString(), /done/u);
  await once(served, 'close');
  assert.equal(late.closed, false);
  deadline.abort();
  await stopped;
  await once(late, 'close');
});
