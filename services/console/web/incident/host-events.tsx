// What the host reported around the last event; what changed on it before stands on top.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView, IncidentContext, IncidentView } from '../api/types.ts';
import { incidentPath } from '../routes.ts';
import { Moment } from '../ui/marks.tsx';

/** How far to look, in minutes. */
export interface Spans {
  /** Around the last event. */
  readonly around: number;
  /** Before the first event, for changes. */
  readonly before: number;
}

interface HostEventsProps {
  readonly incident: IncidentView;
  readonly context: IncidentContext;
  readonly spans: Spans;
  onSpans(spans: Spans): void;
}

const AROUND = [5, 10, 30, 60] as const;
const BEFORE = { 60: '1 h', 240: '4 h', 1440: '1 d', 10_080: '7 d' } as const;

/** See above. */
export function HostEvents({ incident, context, spans, onSpans }: HostEventsProps): JSX.Element {
  const { around, aroundTotal, changesBefore, changesTotal, evidence } = context;
  const [provider, setProvider] = useState('');
  const providers = [...new Set(around.flatMap((event) => event.provider ?? []))].toSorted();
  const shown = provider === '' ? around : around.filter((event) => event.provider === provider);
  return (
    <section class="host-events" aria-labelledby="host-events">
      <h2 id="host-events">What changed on {incident.host} before it</h2>
      <div class="choice">
        <label>
          In the time before the first event{' '}
          <select
            value={spans.before}
            onChange={({ currentTarget }) => onSpans({ ...spans, before: Number(currentTarget.value) })}
          >
            {Object.entries(BEFORE).map(([minutes, text]) => (
              <option key={minutes} value={minutes}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <span class="muted">{counted(changesBefore.length, changesTotal, 'change')}</span>
      </div>
      {changesBefore.length === 0 ? (
        <p class="muted">
          No service, installation, update, restart or firewall change that is among the events of this host.
        </p>
      ) : (
        <EventList events={changesBefore} incident={incident} />
      )}
      {evidence.length > 0 && <Evidence evidence={evidence} />}
      <h3>What else it reported</h3>
      <div class="choice">
        <label>
          Around the last event{' '}
          <select
            value={spans.around}
            onChange={({ currentTarget }) => onSpans({ ...spans, around: Number(currentTarget.value) })}
          >
            {AROUND.map((minutes) => (
              <option key={minutes} value={minutes}>
                ± {minutes} min
              </option>
            ))}
          </select>
        </label>
        <label>
          Provider{' '}
          <select value={provider} onChange={({ currentTarget }) => setProvider(currentTarget.value)}>
            <option value="">all</option>
            {providers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span class="muted">{counted(shown.length, aroundTotal, 'event')}</span>
      </div>
      <EventList events={shown} incident={incident} />
    </section>
  );
}

function counted(shown: number, total: number, word: string): string {
  const many = `${total.toLocaleString('en')} ${word}${total === 1 ? '' : 's'}`;
  return shown < total ? `${shown} of ${many}` : many;
}

/** Other incidents of the host that name the cause. */
function Evidence({ evidence }: Pick<IncidentContext, 'evidence'>): JSX.Element {
  return (
    <ul class="causes">
      {evidence.map(({ incidentId, text, event, lastSeen }) => (
        <li key={incidentId}>
          {text}{' '}
          <a href={incidentPath(incidentId)}>
            {event}, <Moment at={lastSeen} />
          </a>
        </li>
      ))}
    </ul>
  );
}

function EventList({
  events,
  incident,
}: {
  readonly events: readonly EventView[];
  readonly incident: IncidentView;
}): JSX.Element {
  return (
    <ol class="events">
      {events.map(({ id, at, provider, eventId, level, message, rule }) => (
        <li key={id} class={id === incident.lastEventId || rule === incident.rule.id ? 'own' : ''}>
          <span class="when">
            <Moment at={at} />
          </span>
          <span class={`level ${level ?? ''}`}>{level}</span>
          <span class="source">
            {provider} {eventId}
          </span>
          <span class="message">{message}</span>
        </li>
      ))}
    </ol>
  );
}
