// Whose answer it is: the service that the catalogue entry declares and nobody else, whatever comes
// over the wire.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { loadCatalogFolders } from '../../../../../shared/runtime/catalog-files.ts';
import type { ProbeAnswer } from '../../../../../shared/contracts/probe.ts';
import {
  classifyAnswer,
  MAX_ANSWER_BYTES,
  type ProbeProtocol,
  protocolsFor,
  requestFor,
} from '../../../../../services/notifier/probe/protocol.ts';

const { entries } = await loadCatalogFolders([]);

/** The answers that an entry of the catalogue declares. */
function answersOf(id: string): readonly ProbeAnswer[] {
  const evidence = entries.find((entry) => entry.id === id)?.clearedBy.find(({ kind }) => kind === 'probe');
  return evidence?.kind === 'probe' ? evidence.answers : assert.fail(id);
}

const WMS = answersOf('wmserver-309-port-in-use');
const NGINX: readonly ProbeAnswer[] = [{ protocol: 'http', server: 'Nginx' }];

const http = (server: string, status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\nDate: x\r\nServer: ${server}\r\n\r\n`;
const rtsp = (server: string, status = '200 OK'): string =>
  `RTSP/1.0 ${status}\r\nCSeq: 1\r\nServer: ${server}\r\n\r\n`;

const ANSWERS: readonly (readonly [string, ProbeProtocol, string, string])[] = [
  ['Windows Media Services by RTSP', 'rtsp', rtsp('WMServer/9.5.6001.18000'), 'served'],
  ['it refuses, and is there', 'rtsp', rtsp('WMServer/9.1.1.3814', '401 Unauthorized'), 'served'],
  ['Windows Media Services by HTTP', 'http', http('Cougar/9.5.6001.18000'), 'served'],
  ['it knows no such page, and is there', 'http', http('Cougar/9.01.01.3814', '404 Not Found'), 'served'],
  ['the older HTTP', 'http', 'HTTP/1.0 400 Bad Request\r\nServer:Cougar/4.1.0.3936\r\n\r\n', 'served'],
  ['names in any case', 'http', 'HTTP/1.0 200 OK\r\nSERVER:\tcougar/9.6\r\n\r\n', 'served'],
  ['a live encoder', 'http', http('Rex/9.0.0.2980'), 'other'],
  ['IIS', 'http', http('Microsoft-IIS/7.5'), 'other'],
  ['HTTP.sys', 'http', http('Microsoft-HTTPAPI/2.0', '404 Not Found'), 'other'],
  ['Apache', 'http', http('Apache/2.4.58 (Win64)'), 'other'],
  ['nginx', 'http', http('nginx'), 'other'],
  ['Helix', 'rtsp', rtsp('Helix Server Version 11.1.9.3284 (win32)'), 'other'],
  ['a server without a name', 'http', 'HTTP/1.1 200 OK\r\n\r\n', 'other'],
  ['a name that only contains it', 'http', http('nginx (not Cougar/9)'), 'other'],
  ['a proxy with two names', 'http', 'HTTP/1.1 200 OK\r\nServer: Cougar/9.5\r\nServer: nginx\r\n\r\n', 'other'],
  ['a name in the body', 'http', 'HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\nServer: Cougar/9.5\r\n', 'other'],
  ['a name in the body of a server without one', 'http', 'HTTP/1.1 200 OK\r\n\r\nServer: Cougar/9.5\r\n\r\n', 'other'],
  ['a name that was cut off', 'http', 'HTTP/1.1 200 OK\r\nServer: Cougar/9', 'other'],
  ['the other protocol', 'rtsp', http('Cougar/9.5'), 'silent'],
  ['the RTSP name by HTTP', 'http', http('WMServer/9.5'), 'other'],
  ['a mail server', 'http', '220 mail.example.org ESMTP\r\n', 'silent'],
  ['SSH', 'rtsp', 'SSH-2.0-OpenSSH_for_Windows_8.1\r\n', 'silent'],
  ['nothing', 'http', '', 'silent'],
  ['line feeds alone', 'http', 'HTTP/1.1 200 OK\nServer: Cougar/9.5\n\n', 'other'],
];

for (const [what, protocol, answer, kind] of ANSWERS)
  test(`${what}: ${kind}`, () => {
    assert.equal(classifyAnswer(protocol, Buffer.from(answer, 'latin1'), WMS).kind, kind);
  });

test('what is said of another program is short and printable', () => {
  const verdict = classifyAnswer(
    'http',
    Buffer.from(http(`evil\u0007<b>\u001b[31m\u00ff${'x'.repeat(500)}`), 'latin1'),
    WMS,
  );
  assert.equal(verdict.kind, 'other');
  assert.match(verdict.kind === 'other' ? verdict.by : '', /^[\u0020-\u007e]{1,80}$/u);
});

test('no bytes are too strange, and a name behind the bound does not count', () => {
  for (let round = 0; round < 2000; round += 1) {
    const start = round % 3 === 0 ? Buffer.from('HTTP/1.1 200 OK\r\nServer: ') : Buffer.alloc(0);
    assert.notEqual(classifyAnswer('http', Buffer.concat([start, randomBytes(round % 300)]), WMS).kind, 'served');
  }
  const late = `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(MAX_ANSWER_BYTES)}\r\nServer: Cougar/9.5\r\n\r\n`;
  assert.equal(classifyAnswer('http', Buffer.from(late), WMS).kind, 'other');
});

test('the requests are whole, and ask by the likelier protocol first', () => {
  const likelier = [554, 80, 1450, 1755].map((port) => protocolsFor(port, WMS)[0]);
  assert.deepEqual(likelier, ['rtsp', 'http', 'http', 'mms']);
  assert.match(String(requestFor('http', 'fd00::1')), /^GET \/ HTTP\/1\.1\r\nHost: \[fd00::1\]\r\n[\s\S]*\r\n\r\n$/u);
  assert.match(String(requestFor('rtsp', '10.0.0.1')), /^OPTIONS \* RTSP\/1\.0\r\nCSeq: 1\r\n[\s\S]*\r\n\r\n$/u);
});

test('only declared protocols are asked, MMS away from its port only where there is no other [issue 15]', () => {
  assert.deepEqual(answersOf('wmserver-337-accept-failed'), WMS);
  assert.deepEqual(
    [80, 554, 1755].map((port) => protocolsFor(port, WMS)),
    [['http', 'rtsp'], ['rtsp', 'http'], ['mms']],
  );
  assert.deepEqual(
    [80, 554, 1755].map((port) => protocolsFor(port, NGINX)),
    [['http'], ['http'], ['http']],
  );
  assert.deepEqual(protocolsFor(80, [{ protocol: 'mms' }]), ['mms']);
});

for (const [server, kind] of [
  ['nginx/1.26.0', 'served'],
  ['nginx', 'served'],
  ['nginx (Ubuntu)', 'served'],
  ['nginx-proxy/1.0', 'other'],
  ['Cougar/9.5', 'other'],
] as const)
  test(`an entry that declares nginx: ${server} is ${kind} [issue 15]`, () => {
    assert.equal(classifyAnswer('http', Buffer.from(http(server)), NGINX).kind, kind);
  });
