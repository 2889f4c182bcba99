// The page of a message in the console, the link that acknowledges, and the links of the settings.
// Pure.
import { acknowledgePath, LINK_MS } from '../../../shared/contracts/acknowledge-link.ts';
import type { Notification } from '../../../shared/contracts/notification.ts';
import { statusOf } from '../channels/message/status.ts';
import type { Delivery } from './plan.ts';

/** The addresses in a message. */
export type NotificationLinks = Pick<Notification, 'page' | 'acknowledgeUrl' | 'links'>;

/**
 * A link as configured: {incident}, {group}, {host} and {rule} in its address stand for what the
 * message is about.
 */
export interface LinkTemplate {
  readonly title: string;
  readonly url: string;
}

/** The page of an incident or a digest in the console, whose address has no slash at its end. */
export function pageOf(consoleUrl: string, { incident, digest }: Pick<Notification, 'incident' | 'digest'>): string {
  const [folder, id] = digest === undefined ? ['incidents', incident.id] : ['g', digest.id];
  return `${consoleUrl}/${folder}/${encodeURIComponent(id.toWellFormed())}`;
}

/** The link that acknowledges; none without a key, or where nobody has to acknowledge. */
export function acknowledgeUrlOf(
  { consoleUrl, linkKeys: [key] }: { readonly consoleUrl: string; readonly linkKeys: readonly string[] },
  { incident, digest }: Pick<Notification, 'incident' | 'digest'>,
  {
    delivery: { id, receiver },
    nowMs,
  }: { readonly delivery: Pick<Delivery, 'id' | 'receiver'>; readonly nowMs: number },
): Pick<NotificationLinks, 'acknowledgeUrl'> {
  if (key === undefined || statusOf({ incident, digest }) !== 'firing') return {};
  const subject =
    digest === undefined
      ? { incidentId: incident.id, episode: incident.episode }
      : { incidentId: incident.id, episode: digest.episode, group: { id: digest.id, revision: digest.revision } };
  const path = acknowledgePath({ ...subject, receiver, deliveryId: id, endsAtMs: nowMs + LINK_MS }, key);
  return { acknowledgeUrl: `${consoleUrl}${path}` };
}

/**
 * The links of a message. One with {incident} is left out of a digest, one with {group} out of all
 * else.
 */
export function linksOf(
  templates: readonly LinkTemplate[],
  { incident, digest }: Pick<Notification, 'incident' | 'digest'>,
): Notification['links'] {
  const values: Readonly<Record<string, string | undefined>> = {
    incident: digest === undefined ? incident.id : undefined,
    group: digest?.id,
    host: digest === undefined ? incident.entity.host : undefined,
    rule: incident.entity.ruleId,
  };
  return templates.flatMap(({ title, url }) => {
    let isComplete = true;
    const filled = url.replaceAll(/\{(?<name>incident|group|host|rule)\}/gu, (_, name: string) => {
      isComplete &&= values[name] !== undefined;
      // Half a surrogate pair, which a record written to Kafka by others may hold, would throw, and
      // nobody would be notified.
      return encodeURIComponent((values[name] ?? '').toWellFormed());
    });
    return isComplete ? [{ title, url: filled }] : [];
  });
}
