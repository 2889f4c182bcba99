// What fuzzing starts from: one event in every form, and inputs that broke readers of this kind
// before, ours among them.
import { DIALECTS, LOGON_FAILED, PORT_IN_USE, xmlOf } from '../support/dialects.ts';

const XML = xmlOf(PORT_IN_USE, true);
const withSystem = (from: RegExp | string, to: string): string => XML.replace(from, to);
const withData = (data: string): string => XML.replace(/<EventData>.*<\/EventData>/u, data);
const winlogbeat = (fields: string): string =>
  `{"winlog":{"provider_name":"WMServer","event_id":"309",${fields}},"host":{"name":"m1"}}`;

const entities = (): string => {
  const levels = Array.from({ length: 10 }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`);
  return `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">${levels.join('')}]>${withSystem('>554<', '>&e10;<')}`;
};

/** Inputs by the name of what is wrong with them. */
export const NASTY: Readonly<Record<string, string>> = {
  'an entity bomb': entities(),
  'an outside entity': `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${withSystem('>554<', '>&f;<')}`,
  'elements 5,000 deep': `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`,
  'data 5,000 deep': withData(`<UserData>${'<a>'.repeat(5000)}x${'</a>'.repeat(5000)}</UserData>`),
  'lists 100,000 deep': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'objects 20,000 deep': winlogbeat(`"event_data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  'an attribute of 1 MB': withData(`<EventData><Data Name="${'n'.repeat(1_000_000)}">1</Data></EventData>`),
  '30,000 attributes': withData(
    `<EventData><Data ${Array.from({ length: 30_000 }, (_, place) => `a${place}="1"`).join(' ')}>1</Data></EventData>`,
  ),
  '30,000 data': withData(`<EventData>${'<Data>1</Data>'.repeat(30_000)}</EventData>`),
  '30,000 names': winlogbeat(
    `"event_data":{${Array.from({ length: 30_000 }, (_, place) => `"n${place}":"1"`).join(',')}}`,
  ),
  '30,000 dotted names': `{${Array.from({ length: 30_000 }, (_, place) => `"winlog.event_data.n${place}":"1"`).join(',')},"winlog.event_id":309}`,
  'a lone surrogate in JSON': winlogbeat('"event_data":{"param1":"\\ud800","\\udfff":"x"}'),
  'a lone surrogate as a character reference': withSystem('>554<', '>&#xD800;<'),
  'a character that XML forbids': withSystem('>554<', '>&#x0;\u0001<'),
  'names of Object': winlogbeat('"event_data":{"__proto__":"x","constructor":"y","hasOwnProperty":"z","toString":"t"}'),
  'names of Object as keywords':
    '{"body":{"provider":{"name":"WMServer"},"event_id":{"id":309},"keywords":["constructor","__proto__"]}}',
  'a prototype': '{"__proto__":{"winlog":{"provider_name":"WMServer","event_id":"309"}}}',
  'a negative port': withSystem('>554<', '>-1<'),
  'a port beyond all': withSystem('>554<', '>99999999999999999999<'),
  'a negative event id': withSystem('>309<', '>-309<'),
  'an event id beyond 32 bits': withSystem('>309<', '>4294967605<'),
  'a folded event id': withSystem('>309<', '>3221225781<'),
  'a record number beyond 64 bits': withSystem('>4711<', '>99999999999999999999999<'),
  'a record number that JSON cannot hold': winlogbeat('"record_id":18446744073709551615'),
  'a year before all': withSystem(PORT_IN_USE.time, '1601-01-01T00:00:00.0000000Z'),
  'a year after all': withSystem(PORT_IN_USE.time, '9999-12-31T23:59:59.9999999Z'),
  'a year beyond all': withSystem(PORT_IN_USE.time, '99999-12-31T23:59:59Z'),
  'a day that is none': withSystem(PORT_IN_USE.time, '2026-02-30T25:61:61Z'),
  'a rendering cut off': XML.slice(0, XML.indexOf('</Message>') - 5),
  'a second root': `${XML}${XML}`,
  'half a UTF-16 byte order mark': '\ufffe<Event/>',
  'numbers beyond all': winlogbeat('"event_data":{"a":1e999,"b":-0,"c":1e-400},"version":1e308,"process":{"pid":-5}'),
  'an object that is no text, as an event id':
    '{"provider_name":"x","event_id":{"toString":1,"valueOf":1},"computer":"c","message":"m"}',
  'an object that is no text, as a key': '{"body":{"kvlistValue":{"values":[{"key":{"toString":1,"valueOf":1}}]}}}',
  'an object that is no number, as a severity':
    '{"SourceName":"x","EventID":1,"EventTime":"t","SeverityValue":{"toString":1,"valueOf":1}}',
  'empty everything': '{"winlog":{},"event":{},"host":{},"message":""}',
};

/** The events that mutants are made of. */
export const SEEDS: readonly string[] = [
  ...DIALECTS.flatMap(({ write }) => [write(PORT_IN_USE), write(LOGON_FAILED)]),
  ...Object.values(NASTY).filter((text) => text.length < 2000),
];
