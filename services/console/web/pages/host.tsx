// A host: what it sends, the silences that name it, and its incidents of all time.
import type { JSX } from 'preact';
import { ask } from '../api/client.ts';
import type { HostView, SourcePage } from '../api/types.ts';
import { usePage } from '../context.ts';
import { Inbox } from '../inbox/inbox.tsx';
import { conditionText } from '../model/filter.ts';
import { matcherText } from '../model/silence-text.ts';
import { spanText } from '../model/time-text.ts';
import { useResource } from '../resource.ts';
import { newSilencePath } from '../routes.ts';
import { Copy } from '../ui/boxes.tsx';
import { Age, Moment } from '../ui/marks.tsx';

/** The page at `/hosts/NAME`. */
export function Host({ name }: { readonly name: string }): JSX.Element {
  const { person } = usePage();
  const head = (
    <header class="page-head list-head">
      <h1>{name}</h1>
      <Copy text={name} label="Copy host" />
      {person.mayOperate && (
        <a class="button" href={newSilencePath([matcherText('host', [name])])}>
          Silence …
        </a>
      )}
      <Facts name={name} />
    </header>
  );
  return <Inbox fixed={{ filter: conditionText({ name: 'host', values: [name], isNot: false }), head }} />;
}

/** Nothing until it is read: the list below says by itself when nothing can be read. */
function Facts({ name }: { readonly name: string }): JSX.Element | null {
  const path = `/api/v1/hosts/${encodeURIComponent(name)}?limit=1`;
  const sourcesPath = `/api/v1/sources?host=${encodeURIComponent(name)}`;
  const host = useResource(path, async (signal) => await ask<HostView>(path, { signal })).data;
  const sources = useResource(sourcesPath, async (signal) => await ask<SourcePage>(sourcesPath, { signal })).data;
  if (host === undefined) return null;
  const { lastEvent, eventsLastHour, silences } = host;
  return (
    <div class="host-facts">
      <p>
        {lastEvent === undefined ? (
          'No event of it is known.'
        ) : (
          <>
            Last event <Age at={lastEvent.at} /> ago ({lastEvent.provider} {lastEvent.eventId}),{' '}
            {eventsLastHour.toLocaleString('en')} in the last hour.
          </>
        )}{' '}
        {sources !== undefined && sources.total > 0 && <Channels sources={sources} name={name} />}
      </p>
      {silences.map(({ id, comment, author, endsAt }) => (
        <p class="risk" key={id}>
          <a href="/silences">Silenced</a> until <Moment at={endsAt} /> by {author}: {comment}
        </p>
      ))}
    </div>
  );
}

/** How many there are, how many do not send as they should, and the largest lag. */
function Channels({ sources: { total, sources }, name }: { readonly sources: SourcePage; readonly name: string }) {
  const wrong = sources.filter(({ state }) => state !== 'ok').length;
  const lagMs = Math.max(-1, ...sources.map((source) => source.lagMs ?? -1));
  return (
    <>
      <a href={`/sources?host=${encodeURIComponent(name)}`}>
        {total.toLocaleString('en')} {total === 1 ? 'channel' : 'channels'}
      </a>
      {wrong > 0 && <span class="risk">, {wrong} not as it should be</span>}
      {lagMs >= 0 && `, at most ${spanText(lagMs)} late`}.
    </>
  );
}
