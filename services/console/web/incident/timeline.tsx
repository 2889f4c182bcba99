// What happened to the incident: people, deliveries and the system, each of which can be left out,
// and what people add that happened elsewhere.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ActivityEntryView, IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { type ActivityGroup, activityGroup, activityText } from '../model/incident-text.ts';
import { fieldMoment, momentOfField, spanText } from '../model/time-text.ts';
import { happeningIn, happeningNote, latestFirst } from '../model/timeline.ts';
import { fieldsOf } from '../ui/form.ts';
import { useKeys } from '../ui/keys.ts';
import { Moment } from '../ui/marks.tsx';

interface TimelineProps {
  readonly incident: IncidentView;
  readonly entries: readonly ActivityEntryView[];
  readonly total: number;
  reload(): void;
}

const GROUPS: Readonly<Record<ActivityGroup, string>> = {
  people: 'People',
  deliveries: 'Deliveries',
  system: 'System',
};

/** The latest first. A link to an entry shows it, whatever kind it is of. */
export function Timeline({ incident, entries, total, reload }: TimelineProps): JSX.Element {
  const [shown, setShown] = useState<ReadonlySet<ActivityGroup>>(() => shownAtFirst(entries));
  const [episode, setEpisode] = useState(episodeOfAddress);
  const toggle = (group: ActivityGroup): void => {
    const next = new Set(shown);
    if (!next.delete(group)) next.add(group);
    setShown(next);
  };
  // The browser looked for it before it was there.
  useEffect(() => {
    if (location.hash !== '' && document.getElementById(location.hash.slice(1)) !== null)
      location.replace(location.hash);
  }, []);
  const own = entries.filter((entry) => episode === undefined || entry.episode === episode);
  // What begins and ends an incident belongs to its story, whoever did it.
  const visible = latestFirst(own.filter((entry) => MILESTONES.has(entry.type) || shown.has(activityGroup(entry))));
  return (
    <section class="timeline" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <p class="choice" role="group" aria-label="What to show">
        {(Object.keys(GROUPS) as ActivityGroup[]).map((group) => (
          <button type="button" key={group} aria-pressed={shown.has(group)} onClick={() => toggle(group)}>
            {GROUPS[group]} {own.filter((entry) => activityGroup(entry) === group).length}
          </button>
        ))}
        {incident.episode > 1 && <EpisodeChoice episodes={incident.episode} episode={episode} onEpisode={setEpisode} />}
      </p>
      <AddHappening incident={incident} reload={reload} />
      {total > entries.length && (
        <p class="muted">
          The latest {entries.length} of {total.toLocaleString('en')}.
        </p>
      )}
      <ol>
        {visible.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

const MILESTONES = new Set(['opened', 'reopened', 'resolved', 'recovering', 'escalated']);
const ENTRY = '#entry-';

function shownAtFirst(entries: readonly ActivityEntryView[]): ReadonlySet<ActivityGroup> {
  const linked = entries.find(({ id }) => location.hash === `${ENTRY}${id}`);
  return new Set(['people', 'deliveries', ...(linked === undefined ? [] : [activityGroup(linked)])]);
}

/** Of links to one episode; undefined for all of them. */
function episodeOfAddress(): number | undefined {
  const episode = Number(new URLSearchParams(location.search).get('episode'));
  return episode > 0 ? episode : undefined;
}

interface EpisodeChoiceProps {
  readonly episodes: number;
  readonly episode: number | undefined;
  onEpisode(episode: number | undefined): void;
}

function EpisodeChoice({ episodes, episode, onEpisode }: EpisodeChoiceProps): JSX.Element {
  return (
    <label>
      Episode{' '}
      <select
        value={episode ?? ''}
        onChange={({ currentTarget: { value } }) => onEpisode(value === '' ? undefined : Number(value))}
      >
        <option value="">all</option>
        {Array.from({ length: episodes }, (_, index) => (
          <option key={index}>{index + 1}</option>
        ))}
      </select>
    </label>
  );
}

const FOLLOW_MS = 600;

/** What happened outside of Foghorn, with its time; kept as a note. */
function AddHappening({ incident, reload }: Pick<TimelineProps, 'incident' | 'reload'>): JSX.Element | null {
  const { acts, person } = usePage();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (wasOpen.current) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  if (!person.mayOperate) return null;
  const add = (text: string): void => {
    void acts.run({ kind: 'note', text }, incident, () => setTimeout(reload, FOLLOW_MS));
    setOpen(false);
  };
  if (isOpen) return <HappeningForm onAdd={add} onClose={() => setOpen(false)} />;
  return (
    <button type="button" class="add" ref={opener} onClick={() => setOpen(true)}>
      Add what happened
    </button>
  );
}

interface HappeningFormProps {
  onAdd(text: string): void;
  onClose(): void;
}

function HappeningForm({ onAdd, onClose }: HappeningFormProps): JSX.Element {
  const { now, zone } = usePage();
  const [from] = useState(() => fieldMoment(now, zone));
  const latest = fieldMoment(now, zone);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  useKeys({ back: onClose });
  const submit = (form: HTMLFormElement): void => {
    const field = fieldsOf(form);
    onAdd(happeningNote(momentOfField(field('at'), zone) ?? now, field('text')));
  };
  return (
    <form
      class="add choice"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <label>
        When ({zone.name}) <input type="datetime-local" name="at" required max={latest} defaultValue={from} />
      </label>
      <label class="wide">
        What{' '}
        <input
          ref={first}
          name="text"
          required
          maxLength={1900}
          autocomplete="off"
          placeholder="e.g. restarted W3SVC by hand"
        />
      </label>
      <button type="submit" class="primary">
        Add
      </button>
      <button type="button" onClick={onClose}>
        Cancel
      </button>
    </form>
  );
}

function Entry({ entry }: { readonly entry: ActivityEntryView }): JSX.Element {
  const { id, at, type, actor, reason } = entry;
  const group = activityGroup(entry);
  const happening = happeningIn(entry);
  return (
    <li id={`entry-${id}`} class={`entry ${group} ${type}`}>
      <a class="when" href={`${ENTRY}${id}`}>
        <Moment at={happening?.at ?? at} />
      </a>
      {happening === undefined ? (
        <p>
          {group === 'people' && <strong>{actor} </strong>}
          <span class="type">{activityText(type)}</span>
          <Delivered entry={entry} />
          {reason !== '' && <span class={type === 'note_added' ? 'quote' : 'muted'}> {reason}</span>}
          <Trouble entry={entry} />
        </p>
      ) : (
        <p>
          <span class="type">{happening.text}</span>{' '}
          <span class="muted">
            added by {actor}, <Moment at={at} />
          </span>
        </p>
      )}
    </li>
  );
}

function Delivered({ entry: { receiver, timeToAlertMs } }: { readonly entry: ActivityEntryView }): JSX.Element {
  return (
    <>
      {receiver !== undefined && ` ${receiver}`}
      {timeToAlertMs !== undefined &&
        ` after ${timeToAlertMs < 1000 ? `${timeToAlertMs} ms` : spanText(timeToAlertMs)}`}
    </>
  );
}

function Trouble({ entry: { error, providerReference } }: { readonly entry: ActivityEntryView }): JSX.Element {
  return (
    <>
      {error !== undefined && <span class="risk"> {error}</span>}
      {providerReference !== undefined && <span class="muted"> {providerReference}</span>}
    </>
  );
}
