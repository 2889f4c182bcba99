// Limits the incidents of a sender: invented hosts would fill Redis, and other notifications would
// be lost with it. Incidents beyond the limit are counted by one incident.
import { sendersOf } from '../../../shared/contracts/event-sender.ts';
import type { Alert } from '../../../shared/contracts/enriched-event.ts';
import { digestId, incidentIdOf } from '../../../shared/contracts/ids.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Remediation } from '../../../shared/contracts/remediation.ts';
import { LIMIT_CLASS, LIMIT_PARAMETERS, LIMIT_RULE } from '../policy/limit-rule.ts';
import { RECEIVER_FAILING_RULE } from '../policy/receiver-failing.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScripts } from '../redis/scripts.ts';

/** An incident that is not there yet. */
export interface NewIncident {
  readonly id: string;
  readonly ruleId: string;
  /** Empty where nobody is named. */
  readonly sender: string;
}

/** The limit. */
export interface IncidentLimit {
  /**
   * Which of these new incidents may begin; a repeated call has the same result. Throws
   * Unavailable.
   */
  admit(wanted: readonly NewIncident[], nowMs: number): Promise<readonly boolean[]>;
  /** Counts incidents read from Kafka, while Redis is rebuilt. Throws Unavailable. */
  restore(incidents: readonly Incident[]): Promise<void>;
}

/**
 * How many are allowed. Counted are the incidents that a sender began and that are still known,
 * open or resolved, because each takes memory until it is purged. A real storm has as many
 * incidents as the sender has hosts and ports, and meets the same ones again the next time; only
 * invented hosts are ever new.
 */
export interface LimitSettings {
  readonly maxIncidentsPerRule: number;
  readonly maxIncidentsPerSender: number;
  /** How long an incident counts after its last beginning. */
  readonly keepMs: number;
}

const ADMIT = defineScript('admit-incident', {
  keys: ['begun', 'begunOfRule'],
  args: ['id', 'now', 'keepMs', 'maxOfRule', 'max'],
});

/** The limit on a connection. */
export function createIncidentLimit(client: RedisClient, keys: Keys, settings: LimitSettings): IncidentLimit {
  const { maxIncidentsPerRule, maxIncidentsPerSender, keepMs } = settings;
  return {
    admit: async (wanted, nowMs) => {
      const calls = wanted.map(({ id, ruleId, sender }) => {
        const [begun, begunOfRule] = namesOf(keys, sender, ruleId);
        return {
          begun,
          begunOfRule,
          id,
          now: nowMs,
          keepMs,
          maxOfRule: maxIncidentsPerRule,
          max: maxIncidentsPerSender,
        };
      });
      const answers = await runScripts(client, ADMIT, calls);
      return answers.map((answer) => answer === 1);
    },
    restore: async (incidents) => {
      await pipeline(client, (commands) => {
        for (const { id, openedAtMs, entity, senders } of incidents) {
          const sender = senders?.[0]?.name;
          if (sender === undefined || !isLimited(entity.ruleId)) continue;
          for (const name of namesOf(keys, sender, entity.ruleId)) {
            commands.zadd(name, openedAtMs, id);
            commands.pexpire(name, keepMs);
          }
        }
      });
    },
  };
}

function namesOf(keys: Keys, sender: string, ruleId: string): readonly [string, string] {
  return [keys.begunBy(digestId([sender])), keys.begunBy(digestId([sender, ruleId]))];
}

/** Foghorn's incidents about itself are never limited. */
export function isLimited(ruleId: string | undefined): boolean {
  return ruleId !== LIMIT_RULE && ruleId !== RECEIVER_FAILING_RULE;
}

const HOST = 'foghorn';
const PROVIDER = 'Foghorn';

/**
 * The alert that stands for one that may not begin an incident: the same event, counted by the
 * incident of its rule and sender.
 */
export function foldedAlert(alert: Alert): Alert {
  // What is known of the clock is the host's.
  const { match, document, clock: _, ...arrival } = alert;
  const { receivedAtMs } = arrival;
  const sender = sendersOf([], [alert])[0]?.name ?? 'an unknown sender';
  const { ruleId: rule } = match;
  const params = { [LIMIT_PARAMETERS.rule]: rule, [LIMIT_PARAMETERS.sender]: sender };
  const identity = { ruleId: LIMIT_RULE, host: HOST, provider: PROVIDER, eventId: 0, discriminators: [rule, sender] };
  const { name: host = 'an unknown host' } = (document['host'] ?? {}) as { readonly name?: string };
  return {
    ...arrival,
    incidentId: incidentIdOf(identity),
    match: {
      ruleId: LIMIT_RULE,
      ruleVersion: 1,
      params,
      discriminators: identity.discriminators,
      remediation: remediationFor(rule, sender),
    },
    document: {
      // By our clock, whatever that of the host says.
      '@timestamp': new Date(receivedAtMs).toISOString(),
      message: `${sender} has begun as many incidents as one sender may. This event of the rule ${rule} on ${host} began none; it is counted here.`,
      event: { code: '0', provider: PROVIDER },
      host: { name: HOST },
      rule: { name: 'A sender begins more incidents than it may' },
    },
  };
}

function remediationFor(rule: string, sender: string): Remediation {
  return {
    ruleId: LIMIT_RULE,
    ruleVersion: 1,
    title: `${sender} begins more incidents of ${rule} than one sender may`,
    summary: `Faults of further hosts that ${sender} reports begin no incidents of their own and are only counted here. Their events are in Elasticsearch.`,
    faultClass: LIMIT_CLASS,
    severity: 'error',
    causes: [
      { text: 'The sender, or who holds its token, invents hosts.' },
      { text: 'The sender speaks for more hosts than the limit allows for.' },
    ],
    options: [
      {
        title: 'The hosts are invented',
        steps: [{ text: 'Revoke the token of the sender, and limit its next one to the hosts that it speaks for.' }],
      },
      {
        title: 'The hosts are real',
        steps: [
          {
            text: 'Raise notifier.maxIncidentsPerRule and notifier.maxIncidentsPerSender. An incident takes about 5 KB of Redis until it is purged.',
          },
        ],
      },
    ],
    verification: [{ text: 'This incident counts no further events.' }],
    notes: [],
    references: [],
  };
}
