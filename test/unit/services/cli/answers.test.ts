// What the command line does with answers that never end, and with those that send elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createConsoleClient } from '../../../../services/cli/incidents/client.ts';
import { postXml } from '../../../../services/cli/send/post.ts';
import { createKibana } from '../../../../services/cli/setup/kibana-client.ts';
import { startHttpServer } from '../../../support/http-server.ts';
import { until } from '../../../support/until.ts';

type Ask = (url: string, signal: AbortSignal) => Promise<unknown>;

/** Every way the command line asks a server by itself. */
const ASKS: Readonly<Record<string, Ask>> = {
  'the console’s stream': async (url, signal) => {
    const client = createConsoleClient({ url, token: 'secret' });
    for await (const { data } of client.follow({ method: 'GET', path: '/' }, signal)) assert.fail(data);
  },
  Kibana: async (url, signal) =>
    await createKibana(url, 'ApiKey secret', signal).ask({ what: 'the status', method: 'GET', path: '/api/status' }),
  'the collector': async (url, signal) =>
    await postXml('<Event/>', { url, token: 'secret', retryForMs: 0, signal, onWait: assert.fail }),
};

for (const [name, ask] of Object.entries(ASKS)) {
  test(`${name}: an answer without end is given up when asked, also after a garbage collection`, {
    timeout: 20_000,
  }, async (t) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    let isAsked = false;
    const url = await startHttpServer(t, (_request, response) => {
      response.writeHead(200).write(': still here\n\n');
      isAsked = true;
    });
    const stopping = new AbortController();
    const asked = assert.rejects(ask(url, stopping.signal));
    await until('it is asked', () => isAsked);
    for (let turn = 0; turn < 5; turn += 1) {
      await delay(20);
      collectGarbage();
    }
    stopping.abort();
    await asked;
  });

  test(`${name}: a redirect is reported and not followed`, async (t) => {
    let followed = 0;
    const other = await startHttpServer(t, (_request, response) => {
      followed += 1;
      response.writeHead(200).end('{}');
    });
    const url = await startHttpServer(t, (_request, response) => response.writeHead(307, { location: other }).end());
    await assert.rejects(ask(url, new AbortController().signal), /307/u);
    assert.equal(followed, 0);
  });
}
