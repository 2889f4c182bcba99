// The page of a message in the console, and its links, made of the configured addresses. Pure.
import type { Notification } from '../../../shared/contracts/notification.ts';

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
