// The entries of `foghorn.catalog`, followed from the first, and the text of remediations that is
// filled in with them.
import { catalogTopic } from '../catalog/entry-record.ts';
import { fillIncident, relatedEventsOf } from '../catalog/remediation-text.ts';
import type { CatalogEntry } from '../catalog/schema.ts';
import type { FilledIncident, Incident } from '../contracts/incident.ts';
import type { RelatedEvent } from '../contracts/remediation.ts';
import { sleep } from '../runtime/backoff.ts';
import type { Logger } from '../runtime/logger.ts';
import { rateLimited } from '../runtime/rate-limited-log.ts';
import { retryWhileUnavailable } from '../runtime/retry.ts';
import type { Running, ServiceContext } from '../runtime/running.ts';
import type { KafkaClient, KafkaSettings } from './client.ts';
import { followed, followTopics } from './follow-topics.ts';
import { readTopic } from './read-topic.ts';
import { ensureTopics } from './topics.ts';

/** The text of remediations. */
export interface RemediationTexts {
  /**
   * Waits until the entries of these incidents are here: the enricher writes an entry before the
   * first alert that names it. One that does not come in 10 s is logged, and not waited for again;
   * others are waited for no longer than 500 ms for a minute. Throws Unavailable if it has to be
   * sure and Kafka cannot be read.
   */
  load(incidents: readonly Pick<Incident, 'id' | 'remediation'>[]): Promise<void>;
  /** The incident with its remediation in full; one whose entry is not here says so. */
  fill(incident: Incident): FilledIncident;
  /** The other events that have to do with the fault; none while its entry is not here. */
  relatedEvents(incident: Pick<Incident, 'remediation'>): readonly RelatedEvent[];
  /**
   * Makes the topic where it is missing, and reads it until the service stops. Throws ConfigError
   * when it cannot serve.
   */
  follow(context: Context, kafka: KafkaClient): Promise<Pick<Running, 'ready'>>;
}

/** What following takes of a service. */
type Context = Pick<ServiceContext<{ readonly kafka: KafkaSettings }>, 'config' | 'log' | 'closers' | 'signal'>;

const WAIT_MS = 10_000;
/** After one that did not come, so that many unknown ones do not stop what comes after them. */
const SHORT_WAIT_MS = 500;
const SHORT_FOR_MS = 60_000;
const STEP_MS = 20;
const MAX_MISSING = 10_000;

/** How the texts are waited for. */
interface TextsOptions {
  /** How long an entry is waited for. */
  readonly waitMs?: number;
  /** Reads the whole topic before an entry counts as missing: for what is written once. */
  readonly isSure?: boolean;
}

/** Without an entry until it follows. */
export function createRemediationTexts(
  log: Logger,
  { waitMs = WAIT_MS, isSure = false }: TextsOptions = {},
): RemediationTexts {
  const entries = new Map<string, CatalogEntry>();
  const find = (id: string): CatalogEntry | undefined => entries.get(id);
  const take = ({ id, entry }: { readonly id: string; readonly entry: CatalogEntry }): void => {
    entries.set(id, entry);
  };
  let readAll: (() => Promise<unknown>) | undefined;
  const beSure = async (): Promise<void> => void (await (isSure ? readAll?.() : undefined));
  return {
    load: createLoad({ entries, log, waitMs, beSure }),
    fill: (incident) => fillIncident(incident, find),
    relatedEvents: (incident) => relatedEventsOf(incident, find),
    follow: async ({ config, log: ownLog, closers, signal }, kafka) => {
      readAll = async () => await readTopic(kafka, config.kafka, catalogTopic, async (values) => values.forEach(take));
      const topics = [followed(catalogTopic, take)];
      const running = await retryWhileUnavailable({ log: ownLog, signal }, async () => {
        await ensureTopics(kafka, config.kafka, ['catalog']);
        return await followTopics(kafka, config.kafka, { topics, log: ownLog, fromBeginning: true });
      });
      closers.add('catalogue', async (deadline) => await running.stop(deadline));
      return running;
    },
  };
}

interface LoadParts {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly log: Logger;
  readonly waitMs: number;
  /** Called before entries count as missing. */
  beSure(): Promise<void>;
}

function createLoad({ entries, log, waitMs, beSure }: LoadParts): RemediationTexts['load'] {
  const missing = new Set<string>();
  const limitedLog = rateLimited(log);
  let shortUntilMs = 0;
  const isAwaited = ({ remediation }: Pick<Incident, 'remediation'>): boolean =>
    'entry' in remediation && !entries.has(remediation.entry) && !missing.has(remediation.entry);
  return async (incidents) => {
    let left = incidents.filter(isAwaited);
    const startedMs = Date.now();
    const endMs = startedMs + (startedMs < shortUntilMs ? Math.min(waitMs, SHORT_WAIT_MS) : waitMs);
    while (left.length > 0 && Date.now() < endMs) {
      await sleep(STEP_MS);
      left = left.filter(isAwaited);
    }
    if (left.length === 0) return;
    await beSure();
    left = left.filter(isAwaited);
    if (left.length > 0) shortUntilMs = Date.now() + SHORT_FOR_MS;
    for (const { id, remediation } of left) {
      if (!('entry' in remediation) || missing.has(remediation.entry)) continue;
      const { entry, ruleId, ruleVersion } = remediation;
      if (missing.size >= MAX_MISSING) missing.clear();
      missing.add(entry);
      limitedLog.warn(
        entry,
        { incident: id, entry, rule: ruleId, version: ruleVersion },
        'foghorn.catalog does not hold an entry that an incident names: its remediation is shown without text',
      );
    }
  };
}
