// Vector: its made-up messages are not the event's, its XML outranks its fields.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGON_FAILED, PORT_IN_USE, xmlOf } from '../../../../support/dialects.ts';
import { eventOf } from '../event-text.ts';
import { spoilEach, written } from './dialect-text.ts';

const vector = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => written('Vector', over);

test('any field may be wrong or missing', () => {
  spoilEach(vector(), ['event_id', 'provider_name', 'keywords']);
});

test('a document without a provider is an event without one', () => {
  assert.equal(eventOf(vector({ provider_name: '' })).providerName, '');
});

test('a message that Vector made up is no message', () => {
  const { provider, id, computer } = PORT_IN_USE;
  assert.equal(eventOf(vector({ message: `Event ID ${id} from ${provider} on ${computer}` })).message, undefined);
  assert.equal(eventOf(vector({ message: '554' })).message, undefined);
  assert.equal(eventOf(vector({ message: '555' })).message, '555');
  assert.equal(eventOf(vector({ string_inserts: ['a b'], message: 'a b' })).message, 'a b');
});

test('inserts and named data are joined, the named keep their names', () => {
  const { eventData } = eventOf(vector({ string_inserts: ['1', '2'], event_data: { param1: 'own', b: 3 } }));
  assert.deepEqual({ ...eventData }, { param1: 'own', param1_1: '1', param2: '2', b: '3' });
});

test('whole XML outranks the fields, and what it lacks is filled from them', () => {
  const event = eventOf(vector({ xml: xmlOf(LOGON_FAILED, false), task_name: 'Logon' }));
  assert.deepEqual(
    [event.eventId, event.form, event.taskName, event.message],
    [4625, 'vector', 'Logon', PORT_IN_USE.message],
  );
  assert.equal(eventOf(vector({ xml: '<Event><System>' })).eventId, 309);
});

test('a SID and a name are one user', () => {
  const { user } = eventOf(vector({ user_id: 'S-1-5-18', user_name: 'NT AUTHORITY\\SYSTEM' }));
  assert.deepEqual(user, { identifier: 'S-1-5-18', domain: 'NT AUTHORITY', name: 'SYSTEM' });
});
