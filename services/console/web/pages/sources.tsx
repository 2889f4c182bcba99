// Sources: who sends what, and who fell silent.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { SourcePage, SourceView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { spanText } from '../model/time-text.ts';
import { asApiError, useResource } from '../resource.ts';
import { navigate, useAddress } from '../router.ts';
import { hostPath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { fieldsOf } from '../ui/form.ts';
import { useKeys } from '../ui/keys.ts';
import { Age } from '../ui/marks.tsx';
import { TableHead } from '../ui/table-head.tsx';

const STATES = {
  silent: 'silent',
  late: 'late',
  clock_off: 'wrong clock',
  ok: 'sending',
  dropped: 'not seen for long',
} as const;

/** The page at `/sources`. */
export function Sources(): JSX.Element {
  const { query } = useAddress();
  const state = query.get('state') ?? '';
  const host = query.get('host') ?? '';
  const path = pathOf(state, host);
  const { data, error, reload } = useResource(path, async (signal) => await ask<SourcePage>(path, { signal }));
  useKeys({ search: () => document.querySelector<HTMLElement>('#source-host')?.focus() });
  return (
    <div class="page">
      <header class="page-head">
        <h1>Sources</h1>
        <form
          class="choice"
          onSubmit={(event) => {
            event.preventDefault();
            navigate(addressOf(state, fieldsOf(event.currentTarget)('host')));
          }}
        >
          <label>
            Host{' '}
            <input id="source-host" name="host" key={host} defaultValue={host} placeholder="dc* or dc01.example.org" />
          </label>
          <button type="submit">Show</button>
        </form>
      </header>
      {data !== undefined && <States chosen={state} host={host} counts={data.states} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="sources" />}
      {data?.total === 0 && (
        <EmptyBox title={host === '' && state === '' ? 'Nothing has been sent yet' : 'No source matches'}>
          <p>A source is a channel of a host, such as Security of dc01. It is here from its first event on.</p>
        </EmptyBox>
      )}
      {data !== undefined && data.total > 0 && <SourceTable key={path} first={data} path={path} />}
    </div>
  );
}

function pathOf(state: string, host: string): string {
  const query = new URLSearchParams({ sort: 'host' });
  if (state !== '') query.set('state', state);
  if (host !== '') query.set('host', host);
  return `/api/v1/sources?${query}`;
}

function addressOf(state: string, host: string): string {
  const query = new URLSearchParams();
  if (state !== '') query.set('state', state);
  if (host !== '') query.set('host', host);
  return `/sources${query.size === 0 ? '' : `?${query}`}`;
}

interface StatesProps {
  readonly chosen: string;
  readonly host: string;
  readonly counts: SourcePage['states'];
}

/** A click shows those of one state; a second one all again. */
function States({ chosen, host, counts }: StatesProps): JSX.Element {
  return (
    <p class="choice" role="group" aria-label="State">
      {(Object.keys(STATES) as (keyof typeof STATES)[]).map((state) => (
        <button
          type="button"
          key={state}
          aria-pressed={chosen === state}
          onClick={() => navigate(addressOf(chosen === state ? '' : state, host))}
        >
          {STATES[state]} {counts[state].toLocaleString('en')}
        </button>
      ))}
    </p>
  );
}

function SourceTable({ first, path }: { readonly first: SourcePage; readonly path: string }): JSX.Element {
  const [more, setMore] = useState<readonly SourcePage[]>([]);
  const [problem, setProblem] = useState<string>();
  const cursor = (more.at(-1) ?? first).nextCursor;
  const sources = [first, ...more].flatMap((page) => page.sources);
  const readMore = async (): Promise<void> => {
    try {
      const next = await ask<SourcePage>(`${path}&cursor=${encodeURIComponent(cursor ?? '')}`);
      setMore((before) => [...before, next]);
      setProblem(undefined);
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  return (
    <>
      <table class="table">
        <TableHead names={['Host', 'Channel', 'State', 'Last event', 'Lag', 'Events', 'Sent by', 'Losses']} />
        <tbody>
          {sources.map((source) => (
            <SourceRow key={source.id} source={source} />
          ))}
        </tbody>
      </table>
      <p class="page-head">
        <span class="muted">
          {sources.length.toLocaleString('en')} of {first.total.toLocaleString('en')}
        </span>
        {cursor !== undefined && (
          <button type="button" onClick={() => void readMore()}>
            Show more
          </button>
        )}
        {problem !== undefined && (
          <span class="risk" role="alert">
            {problem}
          </span>
        )}
      </p>
    </>
  );
}

function SourceRow({ source }: { readonly source: SourceView }): JSX.Element {
  const { host, channel, state, lastSeen, lagMs, events, agent, input, sender, missingRecords = 0 } = source;
  return (
    <tr>
      <th scope="row" data-name="Host">
        <a href={hostPath(host)}>{host}</a>
      </th>
      <td data-name="Channel">{channel ?? ''}</td>
      <td data-name="State">
        <StateOf source={source} state={state} />
      </td>
      <td data-name="Last event">
        <Age at={lastSeen} /> ago
      </td>
      <td data-name="Lag">{lagMs === undefined ? '' : spanText(lagMs)}</td>
      <td data-name="Events">{events.toLocaleString('en')}</td>
      <td data-name="Sent by">
        {agent === undefined ? '' : `${agent.name} ${agent.version ?? ''} `}
        <span class="muted">
          {input} from {sender}
        </span>
      </td>
      <td data-name="Losses">{missingRecords === 0 ? '' : `${missingRecords.toLocaleString('en')} records missing`}</td>
    </tr>
  );
}

function StateOf({ source, state }: { readonly source: SourceView; readonly state: keyof typeof STATES }): JSX.Element {
  const { now } = usePage();
  const since = source.silentSince ?? source.lateSince ?? source.clockOffSince;
  return (
    <>
      <span class={`state ${state === 'ok' ? 'resolved' : 'open'}`}>{STATES[state]}</span>
      {since !== undefined && state !== 'ok' && <span class="muted"> for {spanText(now - Date.parse(since))}</span>}
    </>
  );
}
