// Proxies and certificates: every HTTP channel goes by the proxy that is set, shows its certificate
// and trusts the authority that is named.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { proxyFor, proxySettings } from '../../../../../services/notifier/channels/proxy.ts';
import { channelTypeOf, type Receiver, receiversSetting } from '../../../../../services/notifier/channels/receivers.ts';
import type { SendOutcome } from '../../../../../shared/contracts/notification.ts';
import { ConfigError } from '../../../../../shared/runtime/errors.ts';
import { SMTP_CERTIFICATE, SMTP_KEY } from '../../../../support/fake-smtp.ts';
import { aNotification } from '../../../../support/notifications.ts';
import { listen } from '../../../../support/http-server.ts';

const { signal } = new AbortController();
const NONE = { http: '', https: '', except: '' };

async function serve(t: TestContext, server: Server): Promise<number> {
  const port = await listen(server);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

/** Answers as the services do. */
function answer(req: IncomingMessage, res: { writeHead(status: number): { end(text: string): void } }): void {
  const path = req.url ?? '';
  req.resume();
  req.on('end', () => {
    if (path.includes('chat.')) res.writeHead(200).end('{"ok":true,"ts":"1.1","channel":"C012345"}');
    else if (path.includes('pagerduty')) res.writeHead(202).end('{}');
    else res.writeHead(200).end('ok');
  });
}

interface Proxy {
  readonly url: string;
  readonly seen: readonly string[];
}

/** A proxy that leads every name to the server at `port`. */
async function startProxy(t: TestContext, port: number, refuseWith?: number): Promise<Proxy> {
  const seen: string[] = [];
  const server = createServer((req, res) => {
    seen.push(`${req.method} ${req.url} ${req.headers['proxy-authorization'] ?? ''}`.trim());
    const { pathname } = new URL(req.url ?? '');
    const onward = request({ host: '127.0.0.1', port, path: pathname, method: req.method }, (back) => {
      res.writeHead(back.statusCode ?? 0, back.headers);
      back.pipe(res);
    });
    req.pipe(onward);
  });
  server.on('connect', (req, socket, head) => {
    seen.push(`CONNECT ${req.url} ${req.headers['proxy-authorization'] ?? ''}`.trim());
    if (refuseWith !== undefined) return void socket.end(`HTTP/1.1 ${refuseWith} no\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    return undefined;
  });
  return { url: `http://foghorn:secret@127.0.0.1:${await serve(t, server)}`, seen };
}

/** Addresses that only the proxy knows. */
function receivers(base: string, more: Readonly<Record<string, unknown>> = {}): readonly Receiver[] {
  const of = (kind: string, own: object): object => ({
    name: kind,
    kind,
    timeoutMs: 5000,
    ...own,
    ...more,
    ...(kind === 'slack' ? {} : { allowPrivate: base.includes('localhost') }),
  });
  return receiversSetting.parse([
    of('webhook', { url: `${base}/hook` }),
    of('alertmanager', { url: base }),
    of('pagerduty', { url: `${base}/pagerduty`, routingKey: 'k'.repeat(32) }),
    of('teams', { workflowUrl: `${base}/teams` }),
    of('slack-webhook', { webhookUrl: `${base}/slack` }),
    of('slack', { apiUrl: `${base}/api/`, token: 'xoxb-right', channel: 'C012345' }),
  ]);
}

async function send(t: TestContext, receiver: Receiver, proxy = NONE): Promise<SendOutcome> {
  const channel = channelTypeOf(receiver).create(receiver, { now: Date.now, proxy });
  t.after(async () => await channel.close());
  return await channel.send(channel.render(aNotification()), signal);
}

const TLS = { key: SMTP_KEY, cert: SMTP_CERTIFICATE };

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'foghorn-proxy-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

function pem(t: TestContext, text: string): string {
  const file = join(folder(t), 'file.pem');
  writeFileSync(file, text);
  return file;
}

test('every HTTP channel goes by the proxy for http [alerting 25]', async (t) => {
  const proxy = await startProxy(t, await serve(t, createServer(answer)));
  for (const receiver of receivers('http://outside.invalid')) {
    const outcome = await send(t, receiver, { ...NONE, http: proxy.url });
    assert.equal(outcome.kind, 'sent', `${receiver.kind}: ${JSON.stringify(outcome)}`);
    assert.match(proxy.seen.at(-1) ?? '', /^POST http:\/\/outside\.invalid\/.* Basic Zm9naG9ybjpzZWNyZXQ=$/u);
  }
});

test('every HTTP channel goes by CONNECT for https, and trusts the authority in caFile [alerting 25] [alerting 24]', async (t) => {
  const port = await serve(t, createTlsServer(TLS, answer));
  const proxy = await startProxy(t, port);
  const caFile = pem(t, SMTP_CERTIFICATE);
  for (const receiver of receivers('https://localhost', { caFile })) {
    const before = proxy.seen.length;
    const outcome = await send(t, receiver, { ...NONE, https: proxy.url });
    assert.equal(outcome.kind, 'sent', `${receiver.kind}: ${JSON.stringify(outcome)}`);
    assert.match(proxy.seen[before] ?? '', /^CONNECT localhost:443 Basic Zm9naG9ybjpzZWNyZXQ=$/u);
  }
});

test('a certificate that nobody vouches for gets nothing, by a proxy or directly, and shows as a matter of configuration [alerting 24]', async (t) => {
  const port = await serve(t, createTlsServer(TLS, answer));
  const proxy = await startProxy(t, port);
  for (const [base, settings] of [
    [`https://localhost:${port}`, NONE],
    ['https://localhost', { ...NONE, https: proxy.url }],
  ] as const)
    for (const receiver of receivers(base)) {
      const outcome = await send(t, receiver, settings);
      assert.equal(outcome.kind, 'retry', `${receiver.kind}: ${JSON.stringify(outcome)}`);
      assert.ok(outcome.kind === 'retry' && outcome.isConfiguration === true, receiver.kind);
    }
});

test('directly, with the authority in caFile and a client certificate where the server asks for one [alerting 24] [security L9]', async (t) => {
  const caFile = pem(t, SMTP_CERTIFICATE);
  const keyFile = pem(t, SMTP_KEY);
  const port = await serve(t, createTlsServer({ ...TLS, ca: SMTP_CERTIFICATE, requestCert: true }, answer));
  for (const receiver of receivers(`https://localhost:${port}`, { caFile, certFile: caFile, keyFile }))
    assert.equal((await send(t, receiver)).kind, 'sent', receiver.kind);
  for (const receiver of receivers(`https://localhost:${port}`, { caFile }))
    assert.notEqual((await send(t, receiver)).kind, 'sent', receiver.kind);
});

test('a file that cannot be read, or a certificate without its key, stops the start and is named [alerting 24]', (t) => {
  const caFile = pem(t, SMTP_CERTIFICATE);
  for (const [more, named] of [
    [{ caFile: '/nowhere/ca.pem' }, /caFile \/nowhere\/ca\.pem/u],
    [{ certFile: caFile }, /certFile and keyFile/u],
  ] as const)
    for (const receiver of receivers('https://outside.invalid', more))
      assert.throws(
        () => channelTypeOf(receiver).create(receiver, { now: Date.now }),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, named);
          return true;
        },
      );
});

for (const [status, isConfiguration] of [
  [407, true],
  [403, true],
  [502, undefined],
] as const)
  test(`a proxy that answers CONNECT with ${status}: nothing has left, it is tried again [alerting 25] [alerting 8]`, async (t) => {
    const proxy = await startProxy(t, 1, status);
    for (const receiver of receivers('https://outside.invalid')) {
      const outcome = await send(t, receiver, { ...NONE, https: proxy.url });
      assert.ok(['retry', 'unknown'].includes(outcome.kind), `${receiver.kind}: ${JSON.stringify(outcome)}`);
      assert.equal(outcome.kind === 'retry' ? outcome.isConfiguration : undefined, isConfiguration, receiver.kind);
    }
  });

test('addresses inside the house are refused by a proxy too, as far as they are known here; the proxy itself may be there [alerting 25]', async (t) => {
  const proxy = await startProxy(t, await serve(t, createServer(answer)));
  for (const url of ['http://127.0.0.1/hook', 'http://10.1.2.3/hook', 'http://localhost/hook', 'http://[::1]/hook']) {
    const [receiver] = receiversSetting.parse([{ name: 'hook', kind: 'webhook', url }]);
    assert.ok(receiver !== undefined);
    assert.equal((await send(t, receiver, { ...NONE, http: proxy.url })).kind, 'refused', url);
  }
  assert.deepEqual(proxy.seen, []);
});

test('a proxy may be written without its scheme, as other programs take it; what is no HTTP proxy is refused [alerting 25]', () => {
  const of = (https: string): string | undefined => proxyFor('https://a.example', { http: '', https, except: '' });
  assert.equal(of('proxy.example:3128'), 'http://proxy.example:3128');
  assert.equal(of('https://proxy.example:3128'), 'https://proxy.example:3128');
  for (const good of ['', 'proxy.example:3128', 'http://u:p@proxy.example:3128/', 'https://[fd00::1]:3128'])
    assert.ok(proxySettings.safeParse({ https: good, http: good }).success, good);
  for (const bad of ['socks5://proxy.example:1080', 'http://', 'a b', 'ftp://x'])
    assert.ok(!proxySettings.safeParse({ https: bad }).success, bad);
});

test('what is excepted is reached directly [alerting 25]', () => {
  const except =
    'inside.example.org, .corp.example,*.dom.example 10.0.0.0/8,fd00::/8,192.0.2.7,odd.example:8443,[2001:db8::1]:80,2001:db8::2';
  const of = (url: string): boolean => proxyFor(url, { http: 'http://p:1', https: 'http://p:2', except }) === undefined;
  for (const url of [
    'https://inside.example.org/x',
    'https://a.inside.example.org',
    'https://A.CORP.example',
    'https://corp.example',
    'https://b.dom.example',
    'http://10.200.0.1',
    'http://[fd12::1]/',
    'https://192.0.2.7:9093',
    'https://odd.example:8443',
    'http://[2001:db8::1]/',
    'https://[2001:db8::2]:99/',
  ])
    assert.ok(of(url), url);
  for (const url of [
    'https://notinside.example.org',
    'https://inside.example.org.evil.example',
    'https://odd.example',
    'http://11.0.0.1',
    'http://192.0.2.70',
    'https://[2001:db8::1]/',
    'https://hooks.slack.com',
  ])
    assert.ok(!of(url), url);
  assert.equal(proxyFor('https://a.example', { http: 'http://p:1', https: '', except: '' }), undefined);
  assert.equal(proxyFor('https://a.example', { http: '', https: 'http://p:2', except: '*' }), undefined);
});
