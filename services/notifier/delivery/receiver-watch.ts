// Watches a receiver: when it takes nothing for too long, or refuses something for good, that is an
// incident of its own, notified by the others.
import { encodeAlert } from '../../../shared/contracts/enriched-event.ts';
import { digestId, incidentIdOf } from '../../../shared/contracts/ids.ts';
import { encodeClearing } from '../../../shared/contracts/incident.ts';
import type { OutRecord } from '../../../shared/contracts/record.ts';
import type { Remediation } from '../../../shared/contracts/remediation.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { RECEIVER_FAILING_RULE } from '../policy/receiver-failing.ts';

/** The outcome of an attempt for the receiver's health. `detail` undefined: it was taken. */
export interface Sign {
  readonly detail: string | undefined;
  /** It will not be tried again. */
  readonly isFinal: boolean;
  /** It needs a correction by somebody. */
  readonly isConfiguration?: boolean;
}

/** The watch over one receiver. */
export interface ReceiverWatch {
  /**
   * True when the receiver takes deliveries again after it took none for a while, so that what
   * waits may be tried at once. Throws Unavailable.
   */
  recordResult(sign: Sign): Promise<boolean>;
  /**
   * Called when deliveries wait for the receiver, and none may be tried for a while. Throws
   * Unavailable.
   */
  recordWaiting(): Promise<void>;
}

/** Dependencies of a watch. */
export interface WatchParts {
  readonly receiver: string;
  readonly receiverFailingAfterMs: number;
  readonly producer: RecordProducer;
  readonly log: Logger;
  readonly now: () => number;
}

const HOST = 'foghorn';
/** A receiver that takes some deliveries and refuses others is not unavailable. */
const AWAY_MS = 10_000;
/**
 * A problem that needs a correction is reported sooner than a temporary one, but not at once: a
 * proxy may just be restarting.
 */
const WRONG_MS = 10_000;
const PROVIDER = 'Foghorn';

/**
 * Starts watching. The first success of a process clears, too: the fault may have ended while it
 * was away.
 */
export function watchReceiver({ receiver, receiverFailingAfterMs, producer, log, now }: WatchParts): ReceiverWatch {
  let failingSinceMs: number | undefined;
  /** Since when each try found the same kind of fault: one that somebody has to correct. */
  let wrongSinceMs: number | undefined;
  let lastDetail = '';
  let isRaised = false;
  let mayBeOpen = true;
  const raiseIfFailing = async (nowMs: number, isFinal: boolean): Promise<void> => {
    const isWrong = wrongSinceMs !== undefined && nowMs - wrongSinceMs >= WRONG_MS;
    if (
      isRaised ||
      failingSinceMs === undefined ||
      (!isFinal && !isWrong && nowMs - failingSinceMs < receiverFailingAfterMs)
    )
      return;
    await producer.send([alertOf({ receiver, detail: lastDetail, sinceMs: failingSinceMs, nowMs })]);
    isRaised = true;
    mayBeOpen = true;
  };
  return {
    recordWaiting: async () => await raiseIfFailing(now(), false),
    recordResult: async ({ detail, isFinal, isConfiguration = false }) => {
      const nowMs = now();
      wrongSinceMs = isConfiguration ? (wrongSinceMs ?? nowMs) : undefined;
      if (detail === undefined) {
        const isBack = failingSinceMs !== undefined && nowMs - failingSinceMs >= AWAY_MS;
        if (failingSinceMs !== undefined) log.info({ receiver }, 'a receiver takes deliveries again');
        failingSinceMs = undefined;
        isRaised = false;
        if (mayBeOpen) await producer.send([clearingOf(receiver, nowMs)]);
        mayBeOpen = false;
        return isBack;
      }
      if (failingSinceMs === undefined) {
        log.warn({ receiver, detail }, 'a receiver does not take deliveries');
        failingSinceMs = nowMs;
      }
      lastDetail = detail;
      await raiseIfFailing(nowMs, isFinal);
      return false;
    },
  };
}

interface Failure {
  readonly receiver: string;
  readonly detail: string;
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** The alert about a receiver that fails; the same for the same beginning of its failure. */
export function alertOf({ receiver, detail, sinceMs, nowMs }: Failure): OutRecord {
  const remediation = remediationFor(receiver);
  const document = {
    '@timestamp': new Date(nowMs).toISOString(),
    message: `The receiver ${receiver} has taken nothing since ${new Date(sinceMs).toISOString()}: ${detail}`,
    event: { code: '0', provider: PROVIDER },
    host: { name: HOST },
    rule: { name: 'A receiver takes no deliveries' },
  };
  const match = {
    ruleId: RECEIVER_FAILING_RULE,
    ruleVersion: 1,
    params: { receiver },
    discriminators: [receiver],
    remediation,
  };
  const id = digestId([RECEIVER_FAILING_RULE, receiver, String(sinceMs)]);
  const event = { id, host: HOST, document, match, incidentId: incidentIdFor(receiver) };
  return encodeAlert(event, JSON.stringify(document), { receivedAtMs: nowMs });
}

/**
 * Ends the incident about a receiver that is no longer configured; no delivery will ever show that
 * it works again. Throws Unavailable.
 */
export async function clearReceiver(
  { store, producer, now }: { readonly store: Pick<IncidentStore, 'briefs'> } & Pick<WatchParts, 'producer' | 'now'>,
  receiver: string,
): Promise<void> {
  const [incident] = await store.briefs([incidentIdFor(receiver)]);
  if (incident === undefined || incident.state === 'resolved') return;
  await producer.send([clearingOf(receiver, now(), `${receiver} is no longer configured`)]);
}

function clearingOf(receiver: string, nowMs: number, evidence = `a delivery that ${receiver} took`): OutRecord {
  return encodeClearing({
    kind: 'clearing',
    incidentId: incidentIdFor(receiver),
    ruleId: RECEIVER_FAILING_RULE,
    host: HOST,
    params: { receiver },
    eventId: digestId([RECEIVER_FAILING_RULE, 'cleared', receiver, String(nowMs)]),
    atMs: nowMs,
    receivedAtMs: nowMs,
    evidence,
  });
}

function incidentIdFor(receiver: string): string {
  const identity = { ruleId: RECEIVER_FAILING_RULE, host: HOST, provider: PROVIDER, eventId: 0 };
  return incidentIdOf({ ...identity, discriminators: [receiver] });
}

function remediationFor(receiver: string): Remediation {
  return {
    ruleId: RECEIVER_FAILING_RULE,
    ruleVersion: 1,
    title: `Foghorn reaches nobody by the receiver ${receiver}`,
    summary: `Deliveries to ${receiver} fail. They wait, and the other receivers are notified.`,
    faultClass: 'receiver-failing',
    severity: 'error',
    causes: [
      { text: 'Its address, token or certificate is wrong or has expired.' },
      { text: 'The service behind it is down, or a proxy or firewall is in the way.' },
    ],
    options: [
      {
        title: 'Mend the receiver',
        steps: [
          { text: "Read the error in the event's text, and on the console's page of what was not delivered." },
          {
            text: 'Correct its settings and send the notifier SIGHUP. What waits is tried at once.',
            where: 'where the notifier runs',
          },
          {
            text: 'Try what failed for good once more.',
            where: "on that page, or where Foghorn's command line is",
            command: `foghorn deliveries redrive ${receiver}`,
          },
        ],
      },
    ],
    verification: [
      {
        text: 'A test message arrives.',
        where: "where Foghorn's command line is",
        command: `foghorn notify test ${receiver}`,
      },
    ],
    notes: [],
    references: [],
  };
}
