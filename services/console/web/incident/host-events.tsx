// What the host reported around the last event; what changed on it before stands on top.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView, IncidentView } from '../api/types.ts';
import { isChange } from '../model/host-changes.ts';
import { Moment } from '../ui/marks.tsx';

interface HostEventsProps {
  readonly incident: IncidentView;
  readonly events: readonly EventView[];
  readonly total: number;
  readonly minutes: number;
  onMinutes(minutes: number): void;
}

const SPANS = [5, 10, 30, 60] as const;

/** Within some minutes before and after. */
export function HostEvents({ incident, events, total, minutes, onMinutes }: HostEventsProps): JSX.Element {
  const [provider, setProvider] = useState('');
  const providers = [...new Set(events.flatMap((event) => event.provider ?? []))].toSorted();
  const shown = provider === '' ? events : events.filter((event) => event.provider === provider);
  const changes = events.filter((event) => isChange(event) && event.at <= incident.lastSeen);
  return (
    <section class="host-events" aria-labelledby="host-events">
      <h2 id="host-events">What else {incident.host} reported</h2>
      <div class="choice">
        <label>
          Around the last event{' '}
          <select value={minutes} onChange={({ currentTarget }) => onMinutes(Number(currentTarget.value))}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                ± {span} min
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
        <span class="muted">
          {shown.length} of {total.toLocaleString('en')} events
        </span>
      </div>
      {changes.length > 0 && (
        <>
          <h3>What changed before it</h3>
          <EventList events={changes} incident={incident} />
        </>
      )}
      {shown.length === 0 ? (
        <p class="muted">No event within this time.</p>
      ) : (
        <EventList events={shown} incident={incident} />
      )}
    </section>
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
