// What happened to the incident: people, deliveries and the system, each of which can be left out.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActivityEntryView } from '../api/types.ts';
import { type ActivityGroup, activityGroup, activityText } from '../model/incident-text.ts';
import { spanText } from '../model/time-text.ts';
import { Moment } from '../ui/marks.tsx';

interface TimelineProps {
  readonly entries: readonly ActivityEntryView[];
  readonly total: number;
}

const GROUPS: Readonly<Record<ActivityGroup, string>> = {
  people: 'People',
  deliveries: 'Deliveries',
  system: 'System',
};

/** The latest first. */
export function Timeline({ entries, total }: TimelineProps): JSX.Element {
  const [shown, setShown] = useState<ReadonlySet<ActivityGroup>>(new Set(['people', 'deliveries']));
  const toggle = (group: ActivityGroup): void => {
    const next = new Set(shown);
    if (!next.delete(group)) next.add(group);
    setShown(next);
  };
  // What begins and ends an incident belongs to its story, whoever did it.
  const visible = entries.filter((entry) => MILESTONES.has(entry.type) || shown.has(activityGroup(entry))).toReversed();
  return (
    <section class="timeline" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <p class="choice" role="group" aria-label="What to show">
        {(Object.keys(GROUPS) as ActivityGroup[]).map((group) => (
          <button type="button" key={group} aria-pressed={shown.has(group)} onClick={() => toggle(group)}>
            {GROUPS[group]} {entries.filter((entry) => activityGroup(entry) === group).length}
          </button>
        ))}
      </p>
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

function Entry({ entry }: { readonly entry: ActivityEntryView }): JSX.Element {
  const { id, at, type, actor, reason, receiver, timeToAlertMs, error, providerReference } = entry;
  const group = activityGroup(entry);
  return (
    <li id={`entry-${id}`} class={`entry ${group} ${type}`}>
      <a class="when" href={`#entry-${id}`}>
        <Moment at={at} />
      </a>
      <p>
        {group === 'people' && <strong>{actor} </strong>}
        <span class="type">{activityText(type)}</span>
        {receiver !== undefined && ` ${receiver}`}
        {timeToAlertMs !== undefined &&
          ` after ${timeToAlertMs < 1000 ? `${timeToAlertMs} ms` : spanText(timeToAlertMs)}`}
        {reason !== '' && <span class={type === 'note_added' ? 'quote' : 'muted'}> {reason}</span>}
        {error !== undefined && <span class="risk"> {error}</span>}
        {providerReference !== undefined && <span class="muted"> {providerReference}</span>}
      </p>
    </li>
  );
}
