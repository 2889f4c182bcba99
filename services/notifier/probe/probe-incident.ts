// Probes the port of one incident. The declared answer is evidence that clears it.
import { digestId } from '../../../shared/contracts/ids.ts';
import { encodeClearing, type IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Probe } from '../../../shared/contracts/probe.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { AddressRange } from '../../../shared/matchers/address-range.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { askPort, type ProbeOutcome, type ProbeTarget } from './ask.ts';
import type { ResolveName } from './resolve-name.ts';

/** The settings, read. */
export interface ProbeSettings {
  readonly isAllowed: AddressRange;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** Dependencies of a probe. */
export interface ProbeParts {
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'probes'>;
  readonly log: Logger;
  readonly resolveName: ResolveName;
  readonly now: () => number;
}

/** What to probe, and until when. */
export interface ProbeRun {
  readonly incident: Pick<IncidentBrief, 'id' | 'entity'>;
  readonly probe: Probe;
  readonly settings: ProbeSettings;
  readonly signal: AbortSignal;
}

/** Probes. Undefined when `signal` aborted it. Throws Unavailable when Kafka takes no evidence. */
export async function probeIncident(
  { producer, metrics, log, now, resolveName }: ProbeParts,
  { incident, probe, settings, signal }: ProbeRun,
): Promise<ProbeOutcome | undefined> {
  const { entity } = incident;
  // The time before the probe: an event that comes meanwhile is later than the evidence.
  const atMs = now();
  const target: ProbeTarget = { host: entity.host, addresses: entity.addresses ?? [], probe };
  const outcome = await askPort(target, { ...settings, signal, resolveName });
  if (signal.aborted) return undefined;
  const { kind, detail } = outcome;
  metrics.probes.inc({ outcome: kind });
  log.debug({ incident: incident.id, outcome: kind, detail }, 'probed');
  if (kind !== 'served') return outcome;
  await producer.send([
    encodeClearing({
      kind: 'clearing',
      incidentId: incident.id,
      ruleId: entity.ruleId,
      host: entity.host,
      params: {},
      eventId: digestId(['probe', incident.id, String(atMs)]),
      atMs,
      receivedAtMs: now(),
      clock: 'foghorn',
      evidence: `a probe: ${detail}`,
    }),
  ]);
  return outcome;
}
