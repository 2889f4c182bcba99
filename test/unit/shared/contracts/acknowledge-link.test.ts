// The link that acknowledges: read with the keys that count, refused when anything of it differs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AcknowledgeClaims,
  acknowledgePath,
  readAcknowledgeLink,
  reasonOfLink,
} from '../../../../shared/contracts/acknowledge-link.ts';

const [OLD, NEW, OTHER] = ['o', 'n', 'x'].map((letter) => letter.repeat(32)) as [string, string, string];
const NOW_MS = Date.UTC(2026, 2, 1, 10);
const INCIDENT: AcknowledgeClaims = {
  incidentId: 'abc',
  episode: 2,
  receiver: 'mail',
  deliveryId: 'n1',
  endsAtMs: NOW_MS + 1,
};
const GROUP: AcknowledgeClaims = { ...INCIDENT, group: { id: 'storm', revision: 4 } };

function valueOf(claims: object, key: string): string {
  return acknowledgePath(claims as AcknowledgeClaims, key).slice('/acknowledge/'.length);
}

test('it says what it is for, to whoever has one of the keys, until it ends', () => {
  for (const claims of [INCIDENT, GROUP]) {
    const value = valueOf(claims, OLD);
    assert.match(value, /^[\w-]+\.[\w-]{43}$/u, 'it needs no encoding in an address');
    assert.deepEqual(readAcknowledgeLink(value, [NEW, OLD], NOW_MS), { kind: 'valid', claims });
    assert.deepEqual(readAcknowledgeLink(value, [NEW, OLD], NOW_MS + 1), { kind: 'ended', claims });
  }
  assert.equal(reasonOfLink(INCIDENT), 'the link in delivery n1');
});

test('with another key, without one, or changed anywhere it is unknown', () => {
  const value = valueOf(INCIDENT, OLD);
  const [payload = '', signature = ''] = value.split('.');
  const forged = Buffer.from(JSON.stringify({ ...INCIDENT, incidentId: 'def' })).toString('base64url');
  for (const keys of [[NEW], [OTHER, NEW], []])
    assert.deepEqual(readAcknowledgeLink(value, keys, NOW_MS), { kind: 'unknown' });
  const wrong = [
    '',
    '.',
    payload,
    `${payload}.`,
    `.${signature}`,
    `${forged}.${signature}`,
    `${payload}.${signature.slice(0, -2)}`,
    `${payload}.${signature}.${signature}`,
    `${payload}.${valueOf(INCIDENT, OTHER).split('.')[1]}`,
    ...Array.from(payload, (letter, index) => {
      const other = letter === 'A' ? 'B' : 'A';
      return `${payload.slice(0, index)}${other}${payload.slice(index + 1)}.${signature}`;
    }),
  ];
  for (const text of wrong) assert.deepEqual(readAcknowledgeLink(text, [OLD], NOW_MS), { kind: 'unknown' }, text);
});

test('what was signed and is no link is unknown', () => {
  for (const claims of [{}, { ...INCIDENT, episode: 0 }, { ...INCIDENT, more: 1 }, { ...INCIDENT, deliveryId: '' }])
    assert.deepEqual(readAcknowledgeLink(valueOf(claims, OLD), [OLD], NOW_MS), { kind: 'unknown' });
});
