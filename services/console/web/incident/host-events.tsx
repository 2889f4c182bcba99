// What the host reported around the last event; what changed on it before stands on top.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView, IncidentContext, IncidentView } from '../api/types.ts';
import { OutLink } from '../ui/boxes.tsx';
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
  const { around, aroundTotal, changesBefore, changesTotal, kibana } = context;
  const [provider, setProvider] = useState('');
  const [level, setLevel] = useState('');
  const shown = around
    .filter((event) => provider === '' || event.provider === provider)
    .filter((event) => level === '' || event.level === level);
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
        <Narrowing name="Level" values={around.map((event) => event.level)} chosen={level} onChoose={setLevel} />
        <Narrowing
          name="Provider"
          values={around.map((event) => event.provider)}
          chosen={provider}
          onChoose={setProvider}
        />
        <span class="muted">{counted(shown.length, aroundTotal, 'event')}</span>
        {kibana !== undefined && (
          <span>
            In Kibana: <OutLink url={kibana.events} title="its events" /> ·{' '}
            <OutLink url={kibana.dashboard} title="dashboard" />
          </span>
        )}
      </div>
      <EventList events={shown} incident={incident} />
    </section>
  );
}

function counted(shown: number, total: number, word: string): string {
  const many = `${total.toLocaleString('en')} ${word}${total === 1 ? '' : 's'}`;
  return shown < total ? `${shown} of ${many}` : many;
}

interface NarrowingProps {
  readonly name: string;
  readonly values: readonly (string | undefined)[];
  readonly chosen: string;
  onChoose(value: string): void;
}

/** One of the values that the events have, or all. */
function Narrowing({ name, values, chosen, onChoose }: NarrowingProps): JSX.Element {
  const known = [...new Set(values.flatMap((value) => value ?? []))].toSorted();
  return (
    <label>
      {name}{' '}
      <select value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="">all</option>
        {known.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </label>
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
