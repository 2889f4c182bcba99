// Real events, thousands of them, with made-up faults among them: each indexed once, the faults
// tagged, the near misses not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataFolder, NO_DATA, realWinlogbeatDocuments, realXmlEvents } from '../support/data-folder.ts';
import { makeEvent } from '../support/events.ts';
import { startFleet } from '../support/fleet.ts';
import { until } from '../support/until.ts';
import { skipWithout } from '../support/needs.ts';

const folder = dataFolder();
const skip = skipWithout('real-events', folder === undefined ? NO_DATA : undefined);
const FAULTS = 40;
/** Ids of WMServer that are no 309 and that no real record has. */
const OTHER_IDS = ['3090', '30901', '13091'];
const PER_REQUEST = 200;
const CATCH_UP_MS = 240_000;

async function send(url: string, type: string, texts: readonly string[]): Promise<void> {
  for (let from = 0; from < texts.length; from += PER_REQUEST) {
    const part = texts.slice(from, from + PER_REQUEST);
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: part.join('\n') });
    const answer = (await response.json()) as { readonly accepted: number; readonly errors: unknown };
    assert.equal(answer.accepted, part.length, JSON.stringify(answer.errors).slice(0, 1000));
  }
}

/**
 * What makes an event itself, taken from its text without our own reader: the same event may be in
 * two files.
 */
function keyOfXml(text: string): string {
  const part = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
  return [
    part(/<Computer>([^<]*)/u).toLowerCase(),
    part(/<Channel>([^<]*)/u),
    part(/Provider[^>]* Name="([^"]*)/u),
    part(/<EventID[^>]*>(\d+)/u),
    part(/<EventRecordID>(\d+)/u),
    sysmonTime(part(/Name="UtcTime">([^<]*)/u)) ?? part(/SystemTime="([^"]{23})/u),
  ].join('|');
}

/** Sysmon's own time, which Winlogbeat's module puts in place of that of `System`. */
function sysmonTime(utcTime: string): string | undefined {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/u.test(utcTime) ? utcTime.replace(' ', 'T') : undefined;
}

function keyOfJson(text: string): string {
  const { winlog, '@timestamp': time } = JSON.parse(text) as { winlog: Record<string, unknown>; '@timestamp': string };
  const parts = [
    winlog['channel'],
    winlog['provider_name'],
    winlog['event_id'],
    winlog['record_id'],
    sysmonTime((winlog['event_data'] as { readonly UtcTime?: string } | undefined)?.UtcTime ?? '') ??
      new Date(time).toISOString().slice(0, 23),
  ];
  return [String(winlog['computer_name']).toLowerCase(), ...parts.map(String)].join('|');
}

function hasModule(text: string): boolean {
  return (JSON.parse(text) as { readonly event?: { readonly module?: unknown } }).event?.module !== undefined;
}

test('real events and made-up faults', { skip }, async (t) => {
  const real = { xml: realXmlEvents(folder ?? '').map(({ xml }) => xml), json: realWinlogbeatDocuments(folder ?? '') };
  const made = Array.from({ length: FAULTS * 100 }, (_, index) => makeEvent('real', index)).filter(
    (event) => event.isFault || event.text.includes('309'),
  );
  const [model] = made.filter(({ isFault, kind }) => isFault && kind === 'xml');
  assert.ok(model);
  for (const id of OTHER_IDS) made.push({ ...model, isFault: false, text: model.text.replace('>309<', `>${id}<`) });
  const madeOf = (kind: 'xml' | 'json'): readonly string[] =>
    made.filter((event) => event.kind === kind).map(({ text }) => text);
  const fleet = await startFleet(t);
  await Promise.all([
    send(fleet.eventsUrl, 'application/xml', [...real.xml, ...madeOf('xml')]),
    send(fleet.eventsUrl, 'application/x-ndjson', [...real.json, ...madeOf('json')]),
  ]);

  // Log files hold a few hollow records that do not even say whose event they are; such a one is
  // distinguished by its bytes.
  const hasProvider = (text: string): boolean => /<Provider[^>]* Name="[^"]/u.test(text);
  const keys = new Set([
    ...real.xml.map((text) => (hasProvider(text) ? keyOfXml(text) : text)),
    ...real.json.map(keyOfJson),
    ...made.map((_, index) => `made ${index}`),
  ]);
  const { count } = fleet.elasticsearch;
  const all = { match_all: {} };
  await until('everything is indexed', async () => (await count(all)) >= keys.size, CATCH_UP_MS);
  assert.equal(await count(all), keys.size);
  // Scripts of Winlogbeat's modules take event data away, so that such a document and the event's
  // own XML state different things: either may be the forged one.
  const scripted = new Set(real.json.filter(hasModule).map(keyOfJson));
  for (const { headers, value } of await fleet.kafka.readAll('deadLetters')) {
    assert.equal(headers['dead-reason'], 'conflict', headers['dead-detail']);
    assert.ok(scripted.has(keyOfJson(String(value))), headers['dead-detail']);
  }

  assert.equal(made.filter(({ isFault }) => isFault).length, FAULTS);
  const tagged = { term: { 'rule.id': 'wmserver-309-port-in-use' } };
  const fault = [{ term: { 'event.provider': 'WMServer' } }, { term: { 'event.code': '309' } }];
  assert.equal(await count(tagged), FAULTS);
  assert.equal(await count({ bool: { must: [tagged, ...fault] } }), FAULTS);
  assert.equal(await count({ bool: { must: fault } }), FAULTS);
  const nearMisses = {
    bool: { must: { term: { 'event.code': '309' } }, must_not: { term: { 'event.provider': 'WMServer' } } },
  };
  assert.ok((await count(nearMisses)) >= FAULTS);
  assert.equal(
    await count({ bool: { must: { terms: { 'event.code': OTHER_IDS } }, must_not: tagged } }),
    OTHER_IDS.length,
  );
});
