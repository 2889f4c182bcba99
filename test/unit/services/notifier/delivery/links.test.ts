// Links of messages: filled in, encoded, and left out where they would lead nowhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgeUrlOf, linksOf, pageOf } from '../../../../../services/notifier/delivery/links.ts';
import { LINK_MS, readAcknowledgeLink } from '../../../../../shared/contracts/acknowledge-link.ts';
import type { Digest } from '../../../../../shared/contracts/notification.ts';
import { anIncident } from '../../../../support/incidents.ts';

const templates = [
  { title: 'Console', url: 'https://c.example/incidents/{incident}?host={host}' },
  { title: 'Group', url: 'https://c.example/groups/{group}' },
  { title: 'Rule', url: 'https://c.example/rules/{rule}/{other}' },
];
const base = anIncident('a/b', 1);
const incident = { ...base, entity: { ...base.entity, host: 'x&y" onclick=' } };

test('an incident has its own links, whatever an attacker wrote into its host', () => {
  assert.deepEqual(linksOf(templates, { incident }), [
    { title: 'Console', url: 'https://c.example/incidents/a%2Fb?host=x%26y%22%20onclick%3D' },
    { title: 'Rule', url: 'https://c.example/rules/wmserver-309-port-in-use/{other}' },
  ]);
});

test('a digest has those of the group', () => {
  const digest = { id: 'g1' } as Digest;
  assert.deepEqual(
    linksOf(templates, { incident, digest }).map(({ title }) => title),
    ['Group', 'Rule'],
  );
});

test('half a surrogate pair in a host spoils no link and holds up no delivery [security M8]', () => {
  const hostile = { ...base, entity: { ...base.entity, host: 'EVIL\ud800' } };
  assert.equal(
    linksOf(templates, { incident: hostile })[0]?.url,
    'https://c.example/incidents/a%2Fb?host=EVIL%EF%BF%BD',
  );
});

test('an incident and a digest have their pages in the console, whatever their ids are', () => {
  const page = (id: string) => pageOf('https://foghorn.example.org/base', { incident: { ...incident, id } });
  assert.equal(page('a-B_1'), 'https://foghorn.example.org/base/incidents/a-B_1');
  assert.equal(page('../x?y#\ud800'), 'https://foghorn.example.org/base/incidents/..%2Fx%3Fy%23%EF%BF%BD');
  const digest = { id: 'g 1' } as Digest;
  assert.equal(pageOf('https://foghorn.example.org', { incident, digest }), 'https://foghorn.example.org/g/g%201');
});

test('what is open has a link that acknowledges it, signed with the first key; without a key nothing has', () => {
  const [key, older] = ['k'.repeat(32), 'o'.repeat(32)];
  const console = { consoleUrl: 'https://foghorn.example.org/base', linkKeys: [key, older] };
  const own = { delivery: { id: 'n1', receiver: 'mail' }, nowMs: 1000 };
  const read = (subject: Parameters<typeof acknowledgeUrlOf>[1]) => {
    const { acknowledgeUrl = '' } = acknowledgeUrlOf(console, subject, own);
    assert.ok(acknowledgeUrl.startsWith('https://foghorn.example.org/base/acknowledge/'), acknowledgeUrl);
    return readAcknowledgeLink(acknowledgeUrl.split('/').at(-1) ?? '', [key], 1000);
  };
  const common = { incidentId: 'a/b', receiver: 'mail', deliveryId: 'n1', endsAtMs: 1000 + LINK_MS };
  assert.deepEqual(read({ incident }), { kind: 'valid', claims: { ...common, episode: 1 } });
  const count = { open: 2, acknowledged: 0, resolved: 1 };
  const digest = { id: 'g1', episode: 3, revision: 7, count } as Digest;
  assert.deepEqual(read({ incident: { ...incident, state: 'resolved' }, digest }), {
    kind: 'valid',
    claims: { ...common, episode: 3, group: { id: 'g1', revision: 7 } },
  });
  assert.deepEqual(acknowledgeUrlOf({ ...console, linkKeys: [] }, { incident }, own), {});
  for (const state of ['acknowledged', 'resolved'] as const)
    assert.deepEqual(acknowledgeUrlOf(console, { incident: { ...incident, state } }, own), {});
  const done = { ...digest, count: { ...count, open: 0 } };
  assert.deepEqual(acknowledgeUrlOf(console, { incident, digest: done }, own), {});
});
