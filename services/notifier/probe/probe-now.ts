// Probes a port because a person asked for it. The commands behind do not wait: the answer is an
// activity entry of its own, and a process that ends before it leaves the command without one.
import type { ProbeCommand } from '../../../shared/contracts/command.ts';
import { encodeActivityEntry, entryIncidentOf } from '../../../shared/contracts/activity.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Probe } from '../../../shared/contracts/probe.ts';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import { createLimiter } from '../../../shared/runtime/limiter.ts';
import type { ProbeOutcome } from './ask.ts';
import { probeIncident, type ProbeParts, type ProbeSettings } from './probe-incident.ts';

/** Probes on request. */
export interface ProbeNow {
  /** Starts a probe. */
  start(command: ProbeCommand, incident: IncidentBrief, probe: Probe): void;
  /** Aborts what is under way. */
  stop(): Promise<void>;
}

/** See above; at most `concurrency` at a time. */
export function createProbeNow(parts: ProbeParts, settings: ProbeSettings): ProbeNow {
  const stopping = new AbortController();
  const { signal } = stopping;
  const limited = createLimiter(settings.concurrency);
  const running = new Set<Promise<void>>();
  const run: (...asked: Parameters<ProbeNow['start']>) => Promise<void> = async ({ id, actor }, incident, probe) => {
    try {
      const outcome = await limited(
        async () => await probeIncident(parts, { incident, probe, settings, signal }),
        signal,
      );
      if (outcome === undefined) return;
      const base = { id: digestId(['command', id]), atMs: parts.now(), actor, reason: answerText(outcome) };
      await parts.producer.send([
        encodeActivityEntry({
          ...base,
          commandId: id,
          subject: 'command',
          type: 'probed',
          ...entryIncidentOf(incident),
        }),
      ]);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Unavailable)) throw error;
      parts.log.warn({ incident: incident.id, detail: errorText(error) }, 'the answer to a probe is lost: ask again');
    }
  };
  return {
    start: (...asked) => {
      const probing = run(...asked);
      running.add(probing);
      void probing.finally(() => running.delete(probing));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

const MEANINGS: Readonly<Record<ProbeOutcome['kind'], string>> = {
  served: 'it is served again',
  other: 'another program answers',
  silent: 'something listens and is not the right service',
  closed: 'nothing listens, or a firewall is between',
  outside: 'notifier.probe.networks does not allow it',
  unresolved: 'the notifier cannot find the host',
};

function answerText({ kind, detail }: ProbeOutcome): string {
  return detail === '' ? MEANINGS[kind] : `${detail}; ${MEANINGS[kind]}`;
}
