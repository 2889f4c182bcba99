// How long each fault was felt, in Markdown.
import type { Crowd } from './crowd.ts';
import type { SentEvent } from './load.ts';

/** When a fault began, and when the cluster was whole again; epoch milliseconds. */
export interface FaultTimes {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const HEAD = ['fault', 'took', 'events', 'first accepted', 'first notified', 'longest accepted', 'longest notified'];

/**
 * A line for each fault. Took: until the cluster was whole again. First: from the fault to the
 * first event, and the first alert, that was sent after it. Longest: of those sent meanwhile.
 */
export function tableOf(
  times: readonly FaultTimes[],
  sent: readonly SentEvent[],
  crowd: Pick<Crowd, 'webhook'>,
): readonly string[] {
  const notified = firstNotified(crowd);
  const lines = times.map(({ name, fromMs, toMs }) => {
    const meanwhile = sent.filter(({ sentMs }) => sentMs >= fromMs && sentMs <= toMs);
    const accepted = meanwhile.map(({ sentMs, acceptedMs = Infinity }) => ({ sentMs, doneMs: acceptedMs }));
    const alerts = meanwhile
      .filter(({ isNews }) => isNews)
      .map(({ host, sentMs }) => ({ sentMs, doneMs: notified.get(host) ?? Infinity }));
    return [
      name,
      seconds(toMs - fromMs),
      String(accepted.length),
      seconds(first(accepted) - fromMs),
      seconds(first(alerts) - fromMs),
      seconds(longest(accepted)),
      seconds(longest(alerts)),
    ];
  });
  return [HEAD, HEAD.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}

/** By host, when the webhook had the first message about it. */
export function firstNotified({ webhook }: Pick<Crowd, 'webhook'>): ReadonlyMap<string, number> {
  const hosts = new Map<string, number>();
  for (const { body, atMs } of webhook.deliveries())
    for (const { labels } of body.alerts) {
      const host = labels['host'] ?? '';
      hosts.set(host, Math.min(hosts.get(host) ?? atMs, atMs));
    }
  return hosts;
}

interface Done {
  readonly sentMs: number;
  readonly doneMs: number;
}

/** A fault may see more events than a call takes arguments. */
function first(those: readonly Done[]): number {
  return those.reduce((least, { doneMs }) => Math.min(least, doneMs), Infinity);
}

function longest(those: readonly Done[]): number {
  return those.reduce((most, { doneMs, sentMs }) => Math.max(most, doneMs - sentMs), 0);
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
}
