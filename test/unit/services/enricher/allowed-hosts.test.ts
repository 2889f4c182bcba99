// A token that is limited to hosts speaks for no other, by whatever way a document names it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../../../services/enricher/enrich.ts';
import { encodeRawEvent, type RawEvent, rawTopic } from '../../../../shared/contracts/raw-event.ts';
import { DIALECTS, PORT_IN_USE, xmlOf } from '../../../support/dialects.ts';

const enrich = createEnrich({
  catalog: await loadCatalogFolders([]),
  now: () => Date.UTC(2026, 2, 1),
  keepOriginal: false,
  maxDocumentBytes: 2_097_152,
});

function raw(text: string, hosts?: readonly string[]): RawEvent {
  const event: RawEvent = {
    bytes: Buffer.from(text),
    encoding: 'utf-8',
    format: 'xml',
    input: 'http',
    sender: 'agent-web',
    receivedAtMs: Date.UTC(2026, 2, 1),
    ...(hosts === undefined ? {} : { senderHosts: hosts }),
  };
  const { key, value, headers = {} } = encodeRawEvent(event);
  const [keyBytes, bytes] = [key, value].map((part) => Buffer.from(part ?? ''));
  const decoded = rawTopic.decode({ key: keyBytes ?? null, value: bytes ?? null, headers, timestampMs: 0 });
  assert.equal(decoded.kind, 'value');
  return decoded.kind === 'value' ? decoded.value : event;
}

function reasonOf(text: string, hosts?: readonly string[]): string {
  const verdict = enrich(raw(text, hosts));
  return verdict.kind === 'dead' ? verdict.reason : verdict.kind;
}

for (const { name, write } of DIALECTS)
  test(`${name}: an event of another host is a dead letter, one of its own a document [security H2]`, () => {
    const text = write(PORT_IN_USE);
    assert.equal(reasonOf(text), 'emit');
    assert.equal(reasonOf(text, ['web-*']), 'host_not_allowed');
    assert.equal(reasonOf(text, ['web-*', PORT_IN_USE.computer.toUpperCase()]), 'emit');
  });

const beat = (winlog: object, fields: object): string =>
  JSON.stringify({ winlog: { provider_name: 'WMServer', event_id: '309', ...winlog }, ...fields });

for (const [what, text] of [
  ['no computer at all', beat({}, {})],
  ['a foreign computer beside a host of its own', beat({ computer_name: 'DB01' }, { host: { name: 'web-1' } })],
  ['a foreign host beside a computer of its own', beat({ computer_name: 'web-1' }, { host: { name: 'DB01' } })],
  ['a list of hosts', beat({ computer_name: 'web-1' }, { host: { name: ['web-1', 'DB01'] } })],
  ['a list of computers', beat({ computer_name: ['web-1', 'DB01'] }, { host: { name: 'web-1' } })],
  [
    'a foreign host name of the system',
    beat({ computer_name: 'web-1' }, { host: { name: 'web-1', hostname: 'DB01' } }),
  ],
  ['dotted names', '{"winlog.event_id":"309","winlog.computer_name":"web-1","host.name":"DB01"}'],
  ['an object as a host', beat({ computer_name: 'web-1' }, { host: { name: { x: 'DB01' } } })],
  [
    'a computer of its own in a comment',
    xmlOf(PORT_IN_USE, true).replace('<System>', '<!-- <Computer>web-1</Computer> --><System>'),
  ],
] as const)
  test(`${what}: a dead letter, or a document that names no other host [security H2]`, () => {
    const verdict = enrich(raw(text, ['web-*']));
    if (verdict.kind === 'dead') return assert.equal(verdict.reason, 'host_not_allowed');
    assert.ok(verdict.kind === 'emit');
    const document = JSON.parse(String(verdict.records[0]?.value)) as Readonly<
      Record<string, Readonly<Record<string, unknown>>>
    >;
    assert.equal(document['host']?.['name'], 'web-1');
    assert.ok([undefined, 'web-1'].includes(document['host']?.['hostname'] as string | undefined));
    assert.equal(document['winlog']?.['computer_name'], 'web-1');
  });

test('a sender without patterns may speak for all, as records that others wrote to the topic', () => {
  assert.equal(reasonOf(beat({ computer_name: 'DB01' }, {})), 'emit');
});

test('the reason names the host, the sender and what it may', () => {
  const verdict = enrich(raw(beat({ computer_name: 'DB01' }, {}), ['web-*', 'proxy']));
  assert.ok(verdict.kind === 'dead');
  assert.match(verdict.detail, /"DB01".*agent-web.*web-\*, proxy/u);
});

type Sent = Pick<RawEvent, 'sender' | 'senderKind' | 'senderAddress' | 'senderHosts'>;

function documentOf(computer: string, sent: Sent): Readonly<Record<string, unknown>> {
  const verdict = enrich({ ...raw(beat({ computer_name: computer }, {})), ...sent });
  return verdict.kind === 'emit' ? JSON.parse(String(verdict.records[0]?.value)) : assert.fail(verdict.kind);
}

for (const [what, computer, sent, isMarked] of [
  ['its own', 'WEB-1', { sender: 'web-1' }, false],
  ['its own with a domain', 'WEB-1.corp.example', { sender: 'web-1' }, false],
  ['its own without its domain', 'web-1', { sender: 'web-1.corp.example' }, false],
  ['another', 'db01', { sender: 'web-1' }, true],
  ['one whose name begins like its own', 'web-12', { sender: 'web-1' }, true],
  ['one of another domain', 'web-1.other.example', { sender: 'web-1.corp.example' }, true],
  ['another that the settings allow', 'db01', { sender: 'relay', senderHosts: ['db*'] }, false],
] as const)
  test(`a certificate and an event of a computer that is ${what}: ${isMarked ? 'marked' : 'not marked'}`, () => {
    const { tags = [], foghorn } = documentOf(computer, {
      ...sent,
      senderKind: 'certificate',
      senderAddress: '10.1.2.3',
    });
    assert.equal((tags as readonly string[]).includes('foghorn_sender_is_other_host'), isMarked);
    const own = foghorn as Readonly<Record<string, unknown>>;
    assert.deepEqual(
      [own['sender'], own['sender_kind'], own['sender_address']],
      [sent.sender, 'certificate', '10.1.2.3'],
    );
  });

test('a token or an address is the name of no host: nothing is marked', () => {
  for (const sent of [{ sender: 'fleet', senderKind: 'token' }, { sender: '10.1.2.3' }] as const) {
    const { tags = [], foghorn } = documentOf('db01', sent);
    assert.ok(!(tags as readonly string[]).includes('foghorn_sender_is_other_host'));
    assert.equal((foghorn as Readonly<Record<string, unknown>>)['sender_address'], undefined);
  }
});
