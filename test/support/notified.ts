// Which message about which host came how often, by what a receiver knows a message by.
import type { FakeSlack } from './fake-slack.ts';
import type { WebhookServer } from './webhook-server.ts';

/** By host, what a receiver knows a message by: two of a host are a message notified twice. */
export type Notified = ReadonlyMap<string, ReadonlySet<string>>;

/** Groups messages by host. */
export function notifiedBy(messages: Iterable<readonly [host: string, key: string]>): Notified {
  const notified = new Map<string, Set<string>>();
  for (const [host, key] of messages) notified.set(host, (notified.get(host) ?? new Set()).add(key));
  return notified;
}

/** By Idempotency-Key: a repeat with the same one is the same message. */
export function notifiedToWebhook(webhook: WebhookServer): Notified {
  return notifiedBy(
    webhook
      .deliveries()
      .flatMap(({ idempotencyKey, body }) =>
        body.alerts.map(({ labels }) => [labels['host'] ?? '', idempotencyKey] as const),
      ),
  );
}

/** Slack knows no repeats: each post is one more. What stands in threads belongs to its parent. */
export function notifiedToSlack(slack: FakeSlack, host: RegExp): Notified {
  return notifiedBy(
    slack
      .parents()
      .map(({ ts, blocks, metadata }) => [
        hostIn(JSON.stringify(blocks), host),
        `${metadata?.event_payload.delivery} ${ts}`,
      ]),
  );
}

/** The first host in a text that the pattern finds. */
export function hostIn(text: string, host: RegExp): string {
  return host.exec(text)?.[0] ?? `no host in ${text.slice(0, 200)}`;
}

/** The hosts of a receiver that were not notified of, and those that were more than once. */
export function wrongIn(
  notified: Notified,
  hosts: readonly string[],
): { readonly never: readonly string[]; readonly twice: readonly string[]; readonly others: readonly string[] } {
  const expected = new Set(hosts);
  return {
    never: hosts.filter((host) => !notified.has(host)),
    twice: [...notified].filter(([, keys]) => keys.size > 1).map(([host, keys]) => `${host}: ${[...keys].join(', ')}`),
    others: [...notified.keys()].filter((host) => !expected.has(host)),
  };
}
