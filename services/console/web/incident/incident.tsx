// One incident: what it is, who holds the port, how to repair it, what happened.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ActPanel, type ActKind } from '../act-panel.tsx';
import { ask } from '../api/client.ts';
import type { ActivityEntryView, IncidentContext, IncidentDetail, IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { adjacentTo } from '../inbox/adjacent.ts';
import { entryViewOf, mergedTimeline } from '../model/timeline.ts';
import { type Resource, useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { hostPath, incidentPath, silencePath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { useKeys } from '../ui/keys.ts';
import { Before, SameNow } from './elsewhere.tsx';
import { Head, type HeadActs } from './head.tsx';
import { HostEvents, type Spans } from './host-events.tsx';
import { Holder } from './holder.tsx';
import { Notified } from './notified.tsx';
import { Repair } from './repair.tsx';
import { Timeline } from './timeline.tsx';

/** The page at `/incidents/ID`. */
export function IncidentPage({ id }: { readonly id: string }): JSX.Element {
  return (
    <article class="incident page" aria-label="Incident">
      <Body id={id} onBack={() => (history.length > 1 ? history.back() : navigate('/'))} />
    </article>
  );
}

/** The same beside the list. */
export function IncidentPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }): JSX.Element {
  return (
    <aside class="incident panel" aria-label="Incident">
      <p class="panel-bar">
        <a href={incidentPath(id)}>Whole page</a>
        <button type="button" onClick={onClose}>
          Close <kbd>Esc</kbd>
        </button>
      </p>
      <Body id={id} onBack={onClose} />
    </aside>
  );
}

function Body({ id, onBack }: { readonly id: string; readonly onBack: () => void }): JSX.Element {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}?minutes=0&events=0`;
  const found = useResource(path, async (signal) => await ask<IncidentDetail>(path, { signal }));
  const entries = useFollow(id, found.reload);
  const { data, error, isLoading } = found;
  useKeys({
    back: onBack,
    nextIncident: () => goTo(adjacentTo(id, 1)),
    previousIncident: () => goTo(adjacentTo(id, -1)),
  });
  if (error?.status === 404)
    return (
      <EmptyBox title="No such incident">
        <p>{error.message}</p>
        <a href="/">To the list</a>
      </EmptyBox>
    );
  return (
    <>
      {error !== undefined && <ErrorBox error={error} onRetry={found.reload} />}
      {data === undefined && isLoading && <Loading what="the incident" />}
      {data !== undefined && <Detail detail={data} entries={entries} reload={found.reload} />}
    </>
  );
}

function goTo(id: string | undefined): void {
  if (id !== undefined) navigate(incidentPath(id), { replace: true });
}

const GATHER_MS = 600;
/** Once more when the indexer has followed, and once when it surely has. */
const LATER_MS = [GATHER_MS, 3000, 15_000];

/** Reads it again when something happened; gives what happened, before it can be read. */
function useFollow(id: string, reload: () => void): readonly ActivityEntryView[] {
  const { live } = usePage();
  const [entries, setEntries] = useState<readonly ActivityEntryView[]>([]);
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const stop = live.listen((event) => {
      if (event.kind === 'entry') {
        if (event.entry.incidentId !== id) return;
        const { entry } = event;
        setEntries((before) => [...before, entryViewOf(entry)]);
      }
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      for (const ms of LATER_MS) timers.add(setTimeout(reload, ms));
    });
    return () => {
      for (const timer of timers) clearTimeout(timer);
      stop();
    };
  }, [id, live.listen, reload]);
  return entries;
}

interface DetailProps {
  readonly detail: IncidentDetail;
  /** Of the live stream. */
  readonly entries: readonly ActivityEntryView[];
  reload(): void;
}

function Detail({ detail, entries, reload }: DetailProps): JSX.Element {
  const { incident, remediation, notifications } = detail;
  const [asked, setAsked] = useState<ActKind>();
  const acts = useIncidentActs(detail, setAsked, reload);
  const around = useAround(incident);
  const { timeline, total } = mergedTimeline(detail, entries);
  return (
    <>
      <Head incident={incident} acts={acts} kibana={around.data?.kibana?.events} />
      <Holder incident={incident} remedy={remediation} evidence={around.data?.evidence ?? []} reload={reload} />
      <Repair incident={incident} remedy={remediation} reload={reload} />
      <Timeline incident={incident} entries={timeline} total={total} reload={reload} />
      <Notified incident={incident} notifications={notifications} />
      <Around incident={incident} around={around} />
      {asked !== undefined && (
        <ActPanel
          key={asked}
          kind={asked}
          about={incident.title}
          onClose={() => setAsked(undefined)}
          onAct={(act) => {
            setAsked(undefined);
            acts.run(act);
          }}
        />
      )}
    </>
  );
}

interface AroundState extends Resource<IncidentContext> {
  readonly spans: Spans;
  onSpans(spans: Spans): void;
}

/** What is read apart from the incident, so that it may come later. */
function useAround(incident: IncidentView): AroundState {
  const [spans, onSpans] = useState<Spans>({ around: 10, before: 60 });
  const { id, revision } = incident;
  const query = `minutes=${spans.around}&before=${spans.before}&events=100`;
  const path = `/api/v1/incidents/${encodeURIComponent(id)}/context?${query}`;
  const context = useResource(path, async (signal) => await ask<IncidentContext>(path, { signal }));
  const read = useRef(revision);
  useEffect(() => {
    if (read.current !== revision) context.reload();
    read.current = revision;
  }, [revision]);
  return { ...context, spans, onSpans };
}

interface AroundProps {
  readonly incident: IncidentView;
  readonly around: AroundState;
}

function Around({ incident, around: { data, error, reload, spans, onSpans } }: AroundProps): JSX.Element {
  return (
    <>
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="what is around it" />}
      {data !== undefined && (
        <>
          <HostEvents incident={incident} context={data} spans={spans} onSpans={onSpans} />
          <Before incident={incident} context={data} />
          <SameNow incident={incident} context={data} />
        </>
      )}
    </>
  );
}

function useIncidentActs({ incident }: IncidentDetail, onAsk: (kind: ActKind) => void, reload: () => void): HeadActs {
  const { acts, person } = usePage();
  const run: HeadActs['run'] = (act) => void acts.run(act, incident, () => setTimeout(reload, GATHER_MS));
  const isOpen = incident.state !== 'resolved';
  const mine: HeadActs = {
    run,
    ask: (kind) => person.mayOperate && onAsk(kind),
    acknowledge: () => run({ kind: 'acknowledge' }),
    assignMe: () => run({ kind: 'assign', assignee: person.actor }),
  };
  useKeys({
    acknowledge: () => person.mayOperate && incident.state === 'open' && mine.acknowledge(),
    assignMe: () => person.mayOperate && isOpen && mine.assignMe(),
    assign: () => isOpen && mine.ask('assign'),
    note: () => mine.ask('note'),
    snooze: () => isOpen && mine.ask('snooze'),
    resolve: () => isOpen && mine.ask('resolve'),
    silence: () => person.mayOperate && navigate(silencePath(incident)),
    goHost: () => navigate(hostPath(incident.host)),
  });
  return mine;
}
