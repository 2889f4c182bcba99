// The handover of a shift: what came, what was done, what is left, what people wrote. Fit to print.
import type { JSX } from 'preact';
import { ask } from '../api/client.ts';
import type { IncidentGroup, IncidentPage, IncidentSummary, IncidentView, SilenceView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { groupTitle } from '../model/group-text.ts';
import { flagsOf, titleWithoutHost } from '../model/incident-text.ts';
import { momentText, spanText } from '../model/time-text.ts';
import { useResource } from '../resource.ts';
import { navigate, useAddress } from '../router.ts';
import { incidentPath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { Age, Moment, StateMark } from '../ui/marks.tsx';
import { TableHead } from '../ui/table-head.tsx';

const HOUR_MS = 3_600_000;
const SPANS = [4, 8, 12, 24, 72] as const;
const USUAL_HOURS = 12;
const UNRESOLVED = '-state:resolved';
/** The most groups, incidents and incidents with notes. */
const MAX = { groups: 30, oldest: 30, noted: 200 } as const;

interface Shift {
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly toDo: IncidentSummary;
  readonly opened: IncidentSummary;
  readonly acknowledged: IncidentSummary;
  readonly resolved: IncidentSummary;
  readonly oldest: readonly IncidentView[];
  readonly noted: IncidentPage;
  readonly silences: readonly SilenceView[];
}

/** The page at `/handover`. */
export function Handover(): JSX.Element {
  const given = Number(useAddress().query.get('hours') ?? USUAL_HOURS);
  const hours = SPANS.find((span) => span === given) ?? USUAL_HOURS;
  const { data, error, reload } = useResource(`handover ${hours}`, async (signal) => await readShift(hours, signal));
  return (
    <div class="page handover">
      <header class="page-head">
        <h1>Shift handover</h1>
        <label class="choice">
          The last{' '}
          <select
            value={hours}
            onChange={({ currentTarget }) => navigate(`/handover?hours=${currentTarget.value}`, { replace: true })}
          >
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {span} hours
              </option>
            ))}
          </select>
        </label>
        <span class="buttons">
          <button type="button" onClick={reload}>
            Read again
          </button>{' '}
          <button type="button" onClick={() => print()}>
            Print
          </button>
        </span>
      </header>
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="the shift" />}
      {data !== undefined && <Report shift={data} />}
    </div>
  );
}

async function readShift(hours: number, signal: AbortSignal): Promise<Shift> {
  const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
  const counted = async (q: string): Promise<IncidentSummary> => {
    const query = new URLSearchParams({ q, by: 'rule,port,holder', groups: String(MAX.groups) });
    return await ask<IncidentSummary>(`/api/v1/incidents/summary?${query}`, { signal });
  };
  const listed = async (q: string, sort: string, limit: number): Promise<IncidentPage> => {
    const query = new URLSearchParams({ q, sort, limit: String(limit) });
    return await ask<IncidentPage>(`/api/v1/incidents?${query}`, { signal });
  };
  const [toDo, opened, acknowledged, resolved, oldest, noted, { silences }] = await Promise.all([
    counted(UNRESOLVED),
    counted(`opened:>=${since}`),
    counted(`acknowledged:>=${since}`),
    counted(`state:resolved resolved:>=${since}`),
    listed(UNRESOLVED, 'opened', MAX.oldest),
    listed(`is:noted updated:>=${since}`, '-updated', MAX.noted),
    ask<{ readonly silences: readonly SilenceView[] }>('/api/v1/silences?state=current', { signal }),
  ]);
  return { since, toDo, opened, acknowledged, resolved, oldest: oldest.incidents, noted, silences };
}

function Report({ shift }: { readonly shift: Shift }): JSX.Element {
  const { since, toDo, opened, acknowledged, resolved, oldest, silences } = shift;
  const unowned = toDo.facets.assignee.find(({ value }) => value === '')?.count ?? 0;
  const facts = {
    Since: <Moment at={since} />,
    Opened: opened.total.toLocaleString('en'),
    Acknowledged: acknowledged.total.toLocaleString('en'),
    Resolved: resolved.total.toLocaleString('en'),
    'Still to do': toDo.total.toLocaleString('en'),
    'Of these without owner': unowned.toLocaleString('en'),
  };
  return (
    <>
      <dl class="facts">
        {Object.entries(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="to-do">
        <h2 id="to-do">Still to do</h2>
        {toDo.total === 0 ? (
          <EmptyBox title="Nothing is left" />
        ) : (
          <Groups summary={toDo} within={UNRESOLVED} hasOwner />
        )}
      </section>
      {oldest.length > 0 && <Oldest incidents={oldest} total={toDo.total} />}
      {resolved.total > 0 && (
        <section aria-labelledby="resolved">
          <h2 id="resolved">Resolved</h2>
          <Groups summary={resolved} within={`state:resolved resolved:>=${since}`} />
        </section>
      )}
      <Notes shift={shift} />
      {silences.length > 0 && <Silenced silences={silences} />}
    </>
  );
}

interface GroupsProps {
  readonly summary: IncidentSummary;
  /** The filter that was counted. */
  readonly within: string;
  readonly hasOwner?: boolean;
}

function Groups({ summary: { groups, groupsTotal }, within, hasOwner = false }: GroupsProps): JSX.Element {
  const names = ['What', 'Incidents', 'Hosts', 'Since', ...(hasOwner ? ['Owner'] : [])];
  return (
    <>
      <table class="table">
        <TableHead names={names} />
        <tbody>
          {groups.map((group) => (
            <GroupLine key={group.q} {...{ group, within, hasOwner }} />
          ))}
        </tbody>
      </table>
      {groupsTotal > groups.length && (
        <p class="muted">
          The worst and largest {groups.length} of {groupsTotal.toLocaleString('en')}.
        </p>
      )}
    </>
  );
}

function GroupLine({
  group,
  within,
  hasOwner,
}: { readonly group: IncidentGroup } & Pick<Required<GroupsProps>, 'within' | 'hasOwner'>): JSX.Element {
  const { title, details } = groupTitle(group);
  const { q, total, hosts, firstSeen, assignees, unassigned } = group;
  const owners = [...assignees, ...(unassigned > 0 ? [`nobody (${unassigned.toLocaleString('en')})`] : [])];
  return (
    <tr>
      <th scope="row" data-name="What">
        <a href={`/incidents?q=${encodeURIComponent(`${within} ${q}`)}`}>{title}</a>
        {details !== '' && <span class="muted"> · {details}</span>}
      </th>
      <td data-name="Incidents">{total.toLocaleString('en')}</td>
      <td data-name="Hosts">{hosts.toLocaleString('en')}</td>
      <td data-name="Since">
        <Moment at={firstSeen} />
      </td>
      {hasOwner && <td data-name="Owner">{owners.join(', ')}</td>}
    </tr>
  );
}

interface OldestProps {
  readonly incidents: readonly IncidentView[];
  readonly total: number;
}

function Oldest({ incidents, total }: OldestProps): JSX.Element {
  const { now, zone } = usePage();
  return (
    <section aria-labelledby="oldest">
      <h2 id="oldest">
        {total > incidents.length ? `The oldest ${incidents.length} of ${total.toLocaleString('en')}` : 'By age'}
      </h2>
      <table class="table">
        <TableHead names={['Age', 'What', 'Host', 'State', 'Owner', 'Marks']} />
        <tbody>
          {incidents.map((incident) => (
            <tr key={incident.id}>
              <td data-name="Age">
                <Age at={incident.opened} />
              </td>
              <th scope="row" data-name="What">
                <a href={incidentPath(incident.id)}>{titleWithoutHost(incident)}</a>
              </th>
              <td data-name="Host">{incident.host}</td>
              <td data-name="State">
                <StateMark incident={incident} />
              </td>
              <td data-name="Owner">{incident.assignee ?? 'nobody'}</td>
              <td data-name="Marks">
                {flagsOf(incident, now, (at) => momentText(at, now, zone))
                  .map(({ text }) => text)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Notes({ shift: { noted, since } }: { readonly shift: Shift }): JSX.Element {
  const notes = noted.incidents
    .flatMap(({ id, host, notes: all }) => all.map((note) => ({ ...note, id, host })))
    .filter(({ at }) => at >= since)
    .toSorted((left, right) => right.at.localeCompare(left.at));
  return (
    <section aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      {notes.length === 0 && <p class="muted">Nobody wrote one in this time.</p>}
      <ul class="causes">
        {notes.map(({ at, author, text, id, host }) => (
          <li key={`${id} ${at} ${text}`}>
            <Moment at={at} /> <strong>{author}</strong> on <a href={incidentPath(id)}>{host}</a>
            <span class="quote">{text}</span>
          </li>
        ))}
      </ul>
      {noted.total > noted.incidents.length && (
        <p class="muted">
          Of the {noted.incidents.length} that changed last, of {noted.total.toLocaleString('en')} with notes.
        </p>
      )}
    </section>
  );
}

function Silenced({ silences }: { readonly silences: readonly SilenceView[] }): JSX.Element {
  const { now } = usePage();
  return (
    <section aria-labelledby="silenced">
      <h2 id="silenced">Silences</h2>
      <ul class="causes">
        {silences.map(({ id, matchers, author, comment, endsAt }) => (
          <li key={id}>
            <code>{matchers.join(', ')}</code> by {author}, ends in {spanText(Date.parse(endsAt) - now)}
            {comment !== '' && `: ${comment}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
