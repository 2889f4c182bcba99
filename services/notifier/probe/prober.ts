// Probes the ports of open incidents whose catalogue entries declare a probe. The declared answer
// is evidence that clears the incident.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Keys } from '../redis/keys.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { StateLost } from '../redis/state-lost.ts';
import type { RedisClient } from '../redis/client.ts';
import { probeIncident, type ProbeParts, type ProbeSettings } from './probe-incident.ts';

/** Dependencies of a prober. */
export interface ProberParts extends ProbeParts {
  readonly store: Pick<IncidentStore, 'eachActive'>;
  readonly client: RedisClient;
  readonly keys: Keys;
}

/** A prober at work. */
export interface Prober {
  /** Stops; probes under way are aborted. */
  stop(): Promise<void>;
}

/**
 * A round may begin a little early; another process's probe of this interval was before its last
 * tenth.
 */
const ASKED_FOR = 0.9;

/** Starts probing. */
export function startProber(parts: ProberParts, settings: ProbeSettings): Prober {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    try {
      await probeAll(parts, settings, signal);
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof StateLost)) throw error;
      parts.log.debug({ detail: errorText(error) }, 'probing waits for a dependency');
    }
    if (!signal.aborted) schedule();
  };
  let current: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      current = round();
    }, settings.intervalMs);
  };
  schedule();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await current;
    },
  };
}

async function probeAll(parts: ProberParts, settings: ProbeSettings, signal: AbortSignal): Promise<void> {
  await parts.store.eachActive(async (incidents) => {
    const wanted = incidents
      .flatMap((incident) => (incident.probe === undefined ? [] : [{ incident, probe: incident.probe }]))
      .values();
    const worker = async (): Promise<void> => {
      for (const { incident, probe } of wanted) {
        if (signal.aborted) return;
        if (await isMine(parts, incident, settings.intervalMs))
          await probeIncident(parts, { incident, probe, settings, signal });
      }
    };
    await Promise.all(Array.from({ length: settings.concurrency }, worker));
  });
}

/** Once in an interval, whichever process comes first. */
async function isMine({ client, keys }: ProberParts, { id }: IncidentBrief, intervalMs: number): Promise<boolean> {
  return (
    (await client.run(
      async (redis) => await redis.set(keys.probe(id), '1', 'PX', Math.floor(intervalMs * ASKED_FOR), 'NX'),
    )) === 'OK'
  );
}
