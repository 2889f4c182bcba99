// The data sets of OTRF (Mordor): `System` and event data in one flat object, no record number.
// Source: https://securitydatasets.com.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { boundedData } from './bounded-data.ts';
import { type Json, text, whole } from './fields.ts';
import { eventOf, localTimeOf, ZONE_TAG } from './system-fields.ts';

const OWN = new Set(
  'SourceName ProviderGuid Level Keywords Channel Hostname TimeCreated EventID Message Task Version Opcode @timestamp @version'.split(
    ' ',
  ),
);
/** The tag of an event that does not name its provider; it was derived from the channel. */
const PROVIDER_TAG = 'foghorn_provider_from_channel';
/**
 * In the Security channel, the event log service writes 1100 to 1108 and the auditing from 4608.
 */
const [FIRST_SERVICE_ID, LAST_SERVICE_ID, FIRST_AUDIT_ID] = [1100, 1108, 4608];

/** Whether it has the fields that every record of these sets has. */
export function isMordor(value: Json): boolean {
  return 'EventID' in value && 'Channel' in value && 'Hostname' in value && 'TimeCreated' in value;
}

/**
 * Reads such a record. Older sets name no provider: it is derived from a channel that only one
 * provider writes. Never throws.
 */
export function readMordor(value: Json): ReadResult {
  const tags = new Set<string>();
  const times = localTimeOf(value['TimeCreated'], [value['@timestamp']], tags);
  const data = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(value)) if (!OWN.has(name)) data[name] = item;
  if (tags.has(ZONE_TAG)) data['TimeCreated'] = value['TimeCreated'];
  const named = text(value['SourceName']);
  const provider = named ?? providerOf(value);
  if (named === undefined && provider !== undefined) tags.add(PROVIDER_TAG);
  return eventOf(
    'mordor',
    {
      provider,
      providerGuid: value['ProviderGuid'],
      eventId: value['EventID'],
      version: value['Version'],
      level: value['Level'],
      task: value['Task'],
      opcode: value['Opcode'],
      keywords: value['Keywords'],
      ...times,
      channel: value['Channel'],
      computer: value['Hostname'],
      message: value['Message'],
    },
    { eventData: boundedData(data, tags), tags },
  );
}

/**
 * A channel `PROVIDER/Operational` is of that provider; Security is of two, distinguished by id;
 * for other channels it is not known.
 */
function providerOf(value: Json): string | undefined {
  const channel = text(value['Channel']) ?? '';
  const operational = /^(.+)\/Operational$/u.exec(channel)?.[1];
  if (operational !== undefined) return operational;
  const id = channel === 'Security' ? (whole(value['EventID'], 0xff_ff) ?? 0) : 0;
  if (id >= FIRST_AUDIT_ID) return 'Microsoft-Windows-Security-Auditing';
  return id >= FIRST_SERVICE_ID && id <= LAST_SERVICE_ID ? 'Microsoft-Windows-Eventlog' : undefined;
}
