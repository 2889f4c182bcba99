// A 309 beside another fault of its host: who probably holds the port, by the catalogue's own
// words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderRemediation } from '../../../../shared/catalog/render.ts';
import type { FilledIncident } from '../../../../shared/contracts/incident.ts';
import { likelyHolderOf, suspectedCauses } from '../../../../shared/contracts/suspected-cause.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { anIncident } from '../../../support/incidents.ts';

const { entries } = await loadCatalogFolders([]);
const MINUTE_MS = 60_000;

function incidentOf(entryId: string, port: number | undefined, atMs: number, host = 'media01'): FilledIncident {
  const entry = entries.find(({ id }) => id === entryId);
  assert.ok(entry !== undefined, entryId);
  const params: FilledIncident['entity']['params'] = port === undefined ? {} : { port };
  const base = anIncident(`${entryId}-${host}`, 1);
  return {
    ...base,
    firstSeenMs: atMs,
    lastSeenMs: atMs,
    entity: {
      ...base.entity,
      ruleId: entry.id,
      provider: entry.provider.name,
      eventId: entry.eventIds[0] ?? 0,
      host,
      params,
    },
    remediation: renderRemediation(entry, params, host),
  };
}

const AT_MS = Date.UTC(2026, 2, 1, 10);
const fault = incidentOf('wmserver-309-port-in-use', 80, AT_MS);

test('HTTP.sys and IIS near a 309 on port 80 are its likely holders, the latest first', () => {
  const httpSys = incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS - MINUTE_MS / 2);
  const iis = incidentOf('w3svc-1004-prefix-not-registered', undefined, AT_MS + MINUTE_MS / 2, 'MEDIA01');
  const causes = suspectedCauses(fault, [httpSys, iis, fault]);
  assert.deepEqual(
    causes.map(({ event, incidentId }) => [event, incidentId]),
    [
      ['W3SVC 1004', iis.id],
      ['Microsoft-Windows-HttpEvent 15005', httpSys.id],
    ],
  );
  assert.match(causes[1]?.text ?? '', /HTTP\.sys.*likely holder/u);
});

test('not those of another host, too far away in time, or that name no cause', () => {
  const far = incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS - 2 * MINUTE_MS);
  const elsewhere = incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS, 'media02');
  const relative = incidentOf('wmserver-337-accept-failed', 80, AT_MS);
  assert.deepEqual(suspectedCauses(fault, [far, elsewhere, relative]), []);
});

test('not for a port that HTTP.sys does not take', () => {
  const rtsp = incidentOf('wmserver-309-port-in-use', 554, AT_MS);
  assert.deepEqual(suspectedCauses(rtsp, [incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS)]), []);
});

test('by any name of the provider', () => {
  const httpSys = incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS);
  const renamed = { ...httpSys, entity: { ...httpSys.entity, provider: 'HTTP' } };
  assert.deepEqual(
    suspectedCauses(fault, [renamed]).map(({ event }) => event),
    ['HTTP 15005'],
  );
});

test('not for another port, where both have one', () => {
  const other = incidentOf('w3svc-1007-binding-in-use', 24_051, AT_MS);
  assert.deepEqual(suspectedCauses(fault, [other]), []);
  assert.equal(suspectedCauses(fault, [incidentOf('w3svc-1007-binding-in-use', 80, AT_MS)]).length, 1);
});

test('a fault that lasts overlaps whatever comes in between', () => {
  const continuing = {
    ...incidentOf('httpsys-15005-endpoint-failed', 80, AT_MS - 60 * MINUTE_MS),
    lastSeenMs: AT_MS + 60 * MINUTE_MS,
  };
  assert.equal(suspectedCauses(fault, [continuing]).length, 1);
});

test('the likely holder has a short name: of the evidence, else of the first cause that names one for this port', () => {
  const iis = incidentOf('w3svc-1004-prefix-not-registered', undefined, AT_MS + MINUTE_MS / 2);
  const [cause] = suspectedCauses(fault, [iis]);
  assert.ok(cause !== undefined);
  assert.equal(likelyHolderOf({ ...fault, suspectedCause: cause.text }), 'IIS');
  assert.equal(likelyHolderOf({ ...fault, suspectedCause: 'of an older entry' }), likelyHolderOf(fault));
  const holders = [80, 554, 1755, 8080].map((port) =>
    likelyHolderOf(incidentOf('wmserver-309-port-in-use', port, AT_MS)),
  );
  assert.deepEqual(holders, [
    'IIS or another program of HTTP.sys',
    'another RTSP server',
    'an older Windows Media Services',
    undefined,
  ]);
});
