// An incident or a group as an alert of Alertmanager: labels that identify it, annotations that
// explain it, its beginning and end.
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Digest, Notification } from '../../../shared/contracts/notification.ts';
import { type Guide, type GuideStep, type GuideSteps, moreText, numberedText, STANDING } from './message/guide.ts';
import { type Message, messageOf } from './message/message.ts';
import { safeText } from './safe-text.ts';

/** One alert; times are RFC 3339. https://prometheus.io/docs/alerting/latest/clients/ */
export interface AlertBody {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** Undefined while it is firing. */
  readonly endsAt: string | undefined;
  readonly generatorURL: string;
}

const MAX_LABEL_CHARACTERS = 1000;
const MAX_LABELS = 40;

/**
 * The alert of a notification; a group is one alert, identified by the labels that it is grouped
 * by. Its remedy is as deep as `depth`: with `short` only the first way to repair has its steps.
 */
export function alertOf(notification: Notification, depth: keyof typeof STANDING = 'long'): AlertBody {
  const { incident, digest } = notification;
  const message = messageOf(notification, STANDING[depth]);
  const startMs = digest?.sinceMs ?? incident.openedAtMs;
  const endMs = message.status === 'resolved' ? (incident.resolvedAtMs ?? incident.updatedAtMs) : undefined;
  return {
    labels: labelsOf(notification),
    annotations: annotationsOf(notification, message, depth),
    startsAt: new Date(startMs).toISOString(),
    endsAt: endMs === undefined ? undefined : new Date(Math.max(endMs, startMs)).toISOString(),
    generatorURL: message.page?.url ?? '',
  };
}

/** A test has no label of a fault, by which it could be grouped or routed as one. */
function labelsOf({ reason, receiver, incident, digest }: Notification): AlertBody['labels'] {
  if (reason === 'test') return { alertname: 'foghorn-test', severity: 'info', receiver: labelValue(receiver) };
  return digest === undefined ? incidentLabels(incident) : digestLabels(digest);
}

function incidentLabels({ id, entity, severity, episode }: Incident): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(entity.params).slice(0, MAX_LABELS))
    own[labelName(name)] = labelValue(value);
  return {
    ...own,
    alertname: labelValue(entity.ruleId),
    severity,
    host: labelValue(entity.host),
    provider: labelValue(entity.provider),
    event_id: String(entity.eventId),
    class: labelValue(entity.faultClass),
    incident_id: id,
    episode: String(episode),
  };
}

/**
 * Only labels that never change within an episode: they identify the alert, and its end has to
 * match its beginning.
 */
function digestLabels(digest: Digest): Readonly<Record<string, string>> {
  const shared: Record<string, string> = {};
  for (const [name, value] of Object.entries(digest.groupLabels).slice(0, MAX_LABELS))
    shared[labelName(name)] = labelValue(value);
  return {
    alertname: 'foghorn-group',
    ...shared,
    group_id: labelValue(digest.id),
    episode: String(digest.episode),
  };
}

/**
 * A name that every Prometheus tool takes:
 * https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels.
 */
function labelName(name: string): string {
  const plain = name.slice(0, 100).replaceAll(/[^A-Za-z0-9_]/gu, '_');
  return /^[A-Za-z_]/u.test(plain) ? plain : `_${plain}`;
}

function labelValue(value: string | number): string {
  return safeText(String(value), MAX_LABEL_CHARACTERS);
}

function annotationsOf(
  { reason, incident, digest }: Notification,
  message: Message,
  depth: keyof typeof STANDING,
): Record<string, string> {
  const { title, severity, headline, summary, eventText, guide, facts, hints, runbookUrl = '' } = message;
  if (reason === 'test') return { summary: title, severity, happened: headline };
  return {
    summary: title,
    severity,
    description: summary,
    happened: headline,
    facts: facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    event_message: eventText,
    event_count: String(digest?.eventCount ?? incident.episodeCount),
    last_seen: new Date(incident.lastSeenMs).toISOString(),
    causes: (guide?.causes ?? []).map(stepText).join('\n'),
    remediation: guide === undefined ? '' : optionsText(guide, depth),
    verification: guide === undefined ? '' : stepsText(guide.verification, guide),
    ...Object.fromEntries(hints.map(({ kind, command }) => [kind, command])),
    runbook_url: runbookUrl,
  };
}

function optionsText(guide: Guide, depth: keyof typeof STANDING): string {
  return guide.options
    .map((option, index) => {
      const condition = option.when === '' ? '' : ` (${option.when})`;
      const steps = depth === 'short' && index > 0 ? '' : `\n${stepsText(option, guide)}`;
      return `${index + 1}. ${option.title}${condition}${steps}`;
    })
    .join('\n');
}

function stepsText(steps: GuideSteps, guide: Guide): string {
  const more = moreText(steps, guide);
  return [...steps.steps.map(stepText), ...(more === '' ? [] : [`   … ${more}`])].join('\n');
}

function stepText({ command, risk, ...step }: GuideStep): string {
  return [
    `   ${numberedText(step, '- ')}`,
    command === undefined ? '' : `\n      > ${command}`,
    risk === undefined ? '' : `\n      risk: ${risk}`,
  ].join('');
}
