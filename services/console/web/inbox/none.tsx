// Why there is no row: nothing was ever sent, nothing is wrong, or a condition excludes all.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { IncidentPage, RecentEvents } from '../api/types.ts';
import { usePage } from '../context.ts';
import { TO_DO, waysOut } from '../model/filter.ts';
import { spanText } from '../model/time-text.ts';
import { useResource } from '../resource.ts';
import { Command, EmptyBox } from '../ui/boxes.tsx';

interface NoneProps {
  /** What was typed. */
  readonly filter: string;
  /** What always holds. */
  readonly fixed: string;
  onFilter(filter: string): void;
}

/** See above. */
export function None({ filter, fixed, onFilter }: NoneProps): JSX.Element {
  if (fixed === '' && (filter === TO_DO || filter === '')) return <Calm isAll={filter === ''} />;
  if (filter === '') return <EmptyBox title="There has been no incident here" />;
  return <NoneMatches {...{ filter, fixed, onFilter }} />;
}

const RECENT = '/api/v1/events/recent';
const AGAIN_MS = 30_000;

/** That nothing is wrong counts only while events come. */
function Calm({ isAll }: { readonly isAll: boolean }): JSX.Element | null {
  const { data, error, reload } = useResource(RECENT, async (signal) => await ask<RecentEvents>(RECENT, { signal }));
  useEffect(() => {
    const timer = setInterval(reload, AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  if (data === undefined && error === undefined) return null;
  if (data !== undefined && data.lastReceived === undefined) return <FirstStart />;
  return (
    <EmptyBox title={isAll ? 'There has been no incident yet' : 'Nothing known is wrong'}>
      {data !== undefined && <Received received={data} />}
      <p>An event that the catalogue knows as a fault opens an incident here. To see one, send a sample:</p>
      <Command text={SAMPLE} />
      {!isAll && (
        <p>
          <a href="/incidents?q=state:resolved">What was resolved</a>
        </p>
      )}
    </EmptyBox>
  );
}

function Received({ received }: { readonly received: RecentEvents }): JSX.Element {
  const { now } = usePage();
  const { events, hosts, lastReceived = '' } = received;
  const age = spanText(now - Date.parse(lastReceived));
  if (events === 0)
    return (
      <p class="risk">
        No event was received in the last hour; the last one came {age} ago. <a href="/sources">Sources</a> say who is
        silent.
      </p>
    );
  return (
    <p>
      <strong>{events.toLocaleString('en')}</strong> {events === 1 ? 'event' : 'events'} from{' '}
      <strong>{hosts.toLocaleString('en')}</strong> {hosts === 1 ? 'host' : 'hosts'} in the last hour, the last one{' '}
      {age} ago.
    </p>
  );
}

const SAMPLE =
  "curl http://127.0.0.1:8309/v1/events -H 'content-type: application/xml' --data-binary @deploy/local/samples/wmserver-309.xml";

function FirstStart(): JSX.Element {
  return (
    <EmptyBox title="Nothing has been received yet">
      <p>Three commands to begin with, in the folder of Foghorn:</p>
      <ol class="first-start">
        <li>
          Send the sample. It is event 309 of Windows Media Services, whose port is taken. An incident opens here, with
          who probably has the port, the repair and how to check it.
          <Command text={SAMPLE} />
        </li>
        <li>
          Send a log file that you copied from a Windows machine. What the catalogue knows as a fault opens an incident;
          all of its events can be searched.
          <Command text="npx foghorn send System.evtx" />
        </li>
        <li>
          See the same list on the command line.
          <Command text="npx foghorn incidents list" />
        </li>
      </ol>
    </EmptyBox>
  );
}

/** What matches without each condition, the most first: that condition excludes most. */
function NoneMatches({ filter, fixed, onFilter }: NoneProps): JSX.Element {
  const ways = waysOut(filter);
  const { data: totals } = useResource(`without ${fixed} ${filter}`, async (signal) =>
    Promise.all(ways.map(async (way) => await totalOf(`${fixed} ${way.filter}`.trim(), signal))),
  );
  const counted = ways
    .map((way, place) => ({ ...way, total: totals?.[place] }))
    .toSorted((left, right) => (right.total ?? 0) - (left.total ?? 0));
  return (
    <EmptyBox title="No incident matches">
      <p>
        {ways.length === 1
          ? 'Drop the condition:'
          : 'All of these have to be true. Drop one; the first excludes the most:'}
      </p>
      <ul class="conditions">
        {counted.map(({ words, filter: rest, total }) => (
          <li key={words}>
            <button type="button" onClick={() => onFilter(rest)}>
              {words} ✕
            </button>{' '}
            {total !== undefined && (
              <span class="muted">{total === 0 ? 'none' : total.toLocaleString('en')} without it</span>
            )}
          </li>
        ))}
      </ul>
    </EmptyBox>
  );
}

async function totalOf(q: string, signal: AbortSignal): Promise<number> {
  const query = new URLSearchParams({ q, limit: '1' });
  return (await ask<IncidentPage>(`/api/v1/incidents?${query}`, { signal })).total;
}
