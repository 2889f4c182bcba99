// No sender is named in the documentation without a case of its shape and version in the tests.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { senderCases } from '../../../../deploy/docs/senders.ts';

/**
 * Names of forms and of tools that write plain event XML, which the cases have under other names.
 */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  '.evtx files': 'Event XML',
  wevtutil: 'Event XML',
  'event.original': 'Event XML in JSON',
  message: 'Event XML in JSON',
  OpenTelemetry: 'OpenTelemetry Collector',
  Alloy: 'Grafana Alloy',
  Datadog: 'Datadog Agent',
  'Winlogbeat 6 to 9': 'Winlogbeat',
  'Logstash’s xml filter': 'Logstash',
  'OTRF (Mordor)': 'OTRF (Mordor) data sets',
};

function named(): readonly string[] {
  const page = readFileSync('docs/sending-events.md', 'utf8');
  const table = page.slice(page.indexOf('| sender | form |'), page.indexOf('### Versions'));
  const cells = table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|')[1]?.trim() ?? '')
    .filter((cell) => cell !== '');
  return cells.flatMap((cell) => cell.split(', ')).map((name) => name.replaceAll('`', '').replaceAll("'", '’'));
}

test('each sender that the page names has a case with its version [14 Show 4]', () => {
  const cases = senderCases();
  const known = new Set(cases.flatMap(({ sender }) => [sender, ...sender.split(', ')]));
  const names = named();
  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => !known.has(OTHER_NAMES[name] ?? name)),
    [],
  );
});

test('each major version of Winlogbeat that the page names has a case [14 Show 4]', () => {
  const majors = senderCases()
    .filter(({ sender }) => sender === 'Winlogbeat')
    .map(({ version }) => version.split('.')[0]);
  for (const major of ['6', '7', '8', '9']) assert.ok(majors.includes(major), major);
});

test('every case says who sends it, in which version and shape', () => {
  for (const { sender, version, shape } of senderCases())
    for (const text of [sender, version, shape]) assert.match(text, /\S/u);
});
