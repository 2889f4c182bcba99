// Ids: the same thing gets the same id by every way, different things never share one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentIdOf,
  deliveryIdOf,
  digestId,
  digestStart,
  type EventIdentity,
  eventIdOf,
  incidentIdOf,
} from '../../../../shared/contracts/ids.ts';

const identity: EventIdentity = {
  computer: 'MEDIA01.example.org',
  channel: 'System',
  provider: 'WMServer',
  eventId: 309,
  recordId: '4711',
  timeCreated: '2026-03-01T10:00:00.1234567Z',
};

test('the recipe of ids is pinned: another version has to give what is stored already the same ids [14 §3]', () => {
  assert.equal(eventIdOf(identity), 'DtEMbdqS6PdhXpPj49KKA1tkyJY');
  const bytes = Buffer.from('{"EventID":309}');
  assert.equal(contentIdOf('10.0.0.7', bytes), 'HATCQCyokyjI_bPp43DC9eLdde8');
  assert.equal(contentIdOf('10.0.0.7', bytes, { copy: 2 }), 'tLrIxiyaE8V4YPaoduZ8M4ZhsXw');
  const incident = { ruleId: 'wmserver-309', host: 'MEDIA01.example.org', provider: 'WMServer', eventId: 309 };
  assert.equal(incidentIdOf({ ...incident, discriminators: ['80'] }), 'tVNHf7JeTUKrO8Udq4IHz-Hl8fI');
});

test('the beginning of a digest is that of SHA-256, as long as it is asked for', () => {
  // printf abc | sha256sum: ba7816bf 8f01cfea …
  assert.equal(digestStart('abc', 8), Buffer.from('ba7816bf8f01', 'hex').toString('base64url'));
  assert.equal(digestStart('abc', 42).length, 42);
});

test('160 bits as base64url', () => {
  assert.match(eventIdOf(identity), /^[\w-]{27}$/u);
});

test('the case of the computer and digits below the millisecond do not count', () => {
  const id = eventIdOf(identity);
  assert.equal(eventIdOf({ ...identity, computer: 'media01.EXAMPLE.org' }), id);
  assert.equal(eventIdOf({ ...identity, timeCreated: '2026-03-01T10:00:00.123Z' }), id);
});

test('a time without a fraction is that of the whole second', () => {
  assert.equal(
    eventIdOf({ ...identity, timeCreated: '2026-03-01T10:00:00Z' }),
    eventIdOf({ ...identity, timeCreated: '2026-03-01T10:00:00.0Z' }),
  );
  assert.equal(
    eventIdOf({ ...identity, timeCreated: '2026-03-01T10:00:00.12Z' }),
    eventIdOf({ ...identity, timeCreated: '2026-03-01T10:00:00.1209Z' }),
  );
});

test('every part counts', () => {
  const variants: EventIdentity[] = [
    identity,
    { ...identity, computer: 'media02' },
    { ...identity, channel: 'Application' },
    { ...identity, provider: 'wmserver' },
    { ...identity, eventId: 310 },
    { ...identity, recordId: '4712' },
    { ...identity, timeCreated: '2026-03-01T10:00:00.124Z' },
  ];
  assert.equal(new Set(variants.map(eventIdOf)).size, variants.length);
});

test('parts do not run together', () => {
  assert.notEqual(digestId(['ab', 'c']), digestId(['a', 'bc']));
  assert.notEqual(digestId(['a', '']), digestId(['', 'a']));
  assert.notEqual(digestId(['1:a']), digestId(['', 'a']));
});

test('content ids count the sender and the bytes', () => {
  const bytes = Buffer.from('x');
  assert.equal(contentIdOf('s', bytes), contentIdOf('s', Buffer.from('x')));
  assert.notEqual(contentIdOf('s', bytes), contentIdOf('t', bytes));
  assert.notEqual(contentIdOf('s', bytes), contentIdOf('s', Buffer.from('y')));
  const at = (place: string) => contentIdOf('s', bytes, { place });
  assert.equal(new Set([contentIdOf('s', bytes), at('t/0/1'), at('t/0/2'), at('t/1/1')]).size, 4);
  assert.equal(at('t/0/1'), at('t/0/1'));
});

test('an incident is distinguished by its discriminators and not by the case of its host', () => {
  const incident = { ruleId: 'r', host: 'Media01', provider: 'WMServer', eventId: 309, discriminators: ['80'] };
  assert.equal(incidentIdOf(incident), incidentIdOf({ ...incident, host: 'MEDIA01', provider: 'wmserver' }));
  assert.notEqual(incidentIdOf(incident), incidentIdOf({ ...incident, discriminators: ['554'] }));
});

test('a delivery id suits BullMQ: no colon, not digits only', () => {
  const id = deliveryIdOf(
    incidentIdOf({ ruleId: 'r', host: 'h', provider: 'p', eventId: 1, discriminators: [] }),
    1,
    2,
    'local',
  );
  assert.match(id, /^n-[\w-]{27}-1-2-local$/u);
});
