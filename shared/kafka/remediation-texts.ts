// The entries of `foghorn.catalog`, followed from the first, and the text of remediations that is
// filled in with them.
import { catalogTopic, type NamedEntry } from '../catalog/entry-record.ts';
import { fillIncident, relatedEventsOf } from '../catalog/remediation-text.ts';
import type { CatalogEntry } from '../catalog/schema.ts';
import type { FilledIncident, Incident } from '../contracts/incident.ts';
import type { RelatedEvent } from '../contracts/remediation.ts';
import { sleep } from '../runtime/backoff.ts';
import { closeStarting } from '../runtime/closers.ts';
import { Unavailable } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { rateLimited } from '../runtime/rate-limited-log.ts';
import { retryWhileUnavailable } from '../runtime/retry.ts';
import type { Running, ServiceContext } from '../runtime/running.ts';
import { unlessAborted, within } from '../runtime/within.ts';
import type { KafkaClient, KafkaSettings } from './client.ts';
import { followed, followTopics } from './follow-topics.ts';
import { readPart } from './read-topic.ts';
import { ensureTopics } from './topics.ts';

/** The text of remediations. */
export interface RemediationTexts {
  /**
   * Waits until the entries of these incidents are here: the enricher writes an entry before the
   * first alert that names it. One that does not come in 10 s is logged, and not waited for again;
   * others are waited for no longer than 500 ms for a minute. Throws Unavailable if it has to be
   * sure and Kafka cannot be read, and the reason of `signal` when that aborts.
   */
  load(incidents: readonly Pick<Incident, 'id' | 'remediation'>[], signal?: AbortSignal): Promise<void>;
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
/** Far longer than some hundred entries take. */
const READ_MS = 60_000;
/** An empty topic is no answer for so long: an enricher fills one made anew within a minute. */
const EMPTY_MS = 180_000;

/** How the texts are waited for. */
interface TextsOptions {
  /** How long an entry is waited for. */
  readonly waitMs?: number;
  /** Reads the whole topic before an entry counts as missing: for what is written once. */
  readonly isSure?: boolean;
  /** Gives milliseconds. */
  readonly now?: () => number;
}

/** Without an entry until it follows. */
export function createRemediationTexts(
  log: Logger,
  { waitMs = WAIT_MS, isSure = false, now = Date.now }: TextsOptions = {},
): RemediationTexts {
  const entries = new Map<string, CatalogEntry>();
  const find = (id: string): CatalogEntry | undefined => entries.get(id);
  /** Since when the topic has had none. */
  let emptySinceMs: number | undefined;
  const take = ({ id, entry }: NamedEntry): void => {
    emptySinceMs = undefined;
    entries.set(id, entry);
  };
  let readAll: ((signal: AbortSignal) => Promise<number>) | undefined;
  const beSure = async (signal: AbortSignal): Promise<void> => {
    if (!isSure || readAll === undefined || (await within(signal, READ_MS, readAll)) > 0) return;
    emptySinceMs ??= now();
    if (now() - emptySinceMs < EMPTY_MS)
      throw new Unavailable(
        'Kafka',
        'foghorn.catalog holds no entry; an enricher writes its own there within a minute',
      );
  };
  return {
    load: createLoad({ entries, log, waitMs, beSure, now }),
    fill: (incident) => fillIncident(incident, find),
    relatedEvents: (incident) => relatedEventsOf(incident, find),
    follow: async ({ config, log: ownLog, closers, signal }, kafka) => {
      readAll = async (ending) => await readEntries(kafka, config.kafka, take, ending);
      const topics = [followed(catalogTopic, take)];
      const following = retryWhileUnavailable({ log: ownLog, signal }, async () => {
        await ensureTopics(kafka, config.kafka, ['catalog']);
        return await followTopics(kafka, config.kafka, { topics, log: ownLog, fromBeginning: true });
      });
      closeStarting(closers, 'catalogue', following);
      return await following;
    },
  };
}

/**
 * Gives how many entries the topic has. Throws Unavailable as soon as `signal` aborts; what is left
 * of the reading ends by itself.
 */
async function readEntries(
  kafka: KafkaClient,
  settings: KafkaSettings,
  take: (entry: NamedEntry) => void,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  const reading = readPart(kafka, settings, { topic: catalogTopic, signal }, async (values) => {
    count += values.length;
    values.forEach(take);
  });
  await unlessAborted(reading, signal, () => new Unavailable('Kafka', 'foghorn.catalog was not read in time'));
  return count;
}

interface LoadParts {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly log: Logger;
  readonly waitMs: number;
  readonly now: () => number;
  /** Called before entries count as missing. */
  beSure(signal: AbortSignal): Promise<void>;
}

function createLoad({ entries, log, waitMs, now, beSure }: LoadParts): RemediationTexts['load'] {
  const missing = new Set<string>();
  const limitedLog = rateLimited(log);
  let shortUntilMs = 0;
  const isAwaited = ({ remediation }: Pick<Incident, 'remediation'>): boolean =>
    'entry' in remediation && !entries.has(remediation.entry) && !missing.has(remediation.entry);
  return async (incidents, signal = new AbortController().signal) => {
    let left = incidents.filter(isAwaited);
    const startedMs = now();
    const endMs = startedMs + (startedMs < shortUntilMs ? Math.min(waitMs, SHORT_WAIT_MS) : waitMs);
    while (left.length > 0 && now() < endMs) {
      await sleep(STEP_MS, signal);
      signal.throwIfAborted();
      left = left.filter(isAwaited);
    }
    if (left.length === 0) return;
    shortUntilMs = now() + SHORT_FOR_MS;
    await beSure(signal);
    left = left.filter(isAwaited);
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
