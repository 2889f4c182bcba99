// One incident: what it is, who holds the port, how to repair it, what happened.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ActPanel, type ActKind } from '../act-panel.tsx';
import { ask } from '../api/client.ts';
import type { IncidentDetail } from '../api/types.ts';
import { usePage } from '../context.ts';
import { adjacentTo } from '../inbox/adjacent.ts';
import { type Resource, useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { incidentPath, silencePath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { useKeys } from '../ui/keys.ts';
import { Before, SameNow } from './elsewhere.tsx';
import { Head, type HeadActs } from './head.tsx';
import { HostEvents } from './host-events.tsx';
import { Holder } from './holder.tsx';
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
  const [minutes, setMinutes] = useState(10);
  const path = `/api/v1/incidents/${encodeURIComponent(id)}?minutes=${minutes}&events=100`;
  const found = useResource(path, async (signal) => await ask<IncidentDetail>(path, { signal }));
  useFollow(id, found);
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
      {data !== undefined && <Detail detail={data} minutes={minutes} onMinutes={setMinutes} reload={found.reload} />}
    </>
  );
}

function goTo(id: string | undefined): void {
  if (id !== undefined) navigate(incidentPath(id), { replace: true });
}

const GATHER_MS = 600;
const LATER_MS = 3000;

/** Reads it again when something happened, and once more when the indexer has surely followed. */
function useFollow(id: string, { reload }: Resource<IncidentDetail>): void {
  const { live } = usePage();
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const stop = live.listen((event) => {
      if (event.kind === 'entry' && event.entry.incidentId !== id) return;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      for (const ms of [GATHER_MS, LATER_MS]) timers.add(setTimeout(reload, ms));
    });
    return () => {
      for (const timer of timers) clearTimeout(timer);
      stop();
    };
  }, [id, live.listen, reload]);
}

interface DetailProps {
  readonly detail: IncidentDetail;
  readonly minutes: number;
  onMinutes(minutes: number): void;
  reload(): void;
}

function Detail({ detail, minutes, onMinutes, reload }: DetailProps): JSX.Element {
  const { incident, remediation, timeline, timelineTotal, related, relatedTotal } = detail;
  const [asked, setAsked] = useState<ActKind>();
  const acts = useIncidentActs(detail, setAsked, reload);
  return (
    <>
      <Head incident={incident} acts={acts} />
      <Holder incident={incident} remedy={remediation} />
      <Repair incident={incident} remedy={remediation} reload={reload} />
      <Timeline entries={timeline} total={timelineTotal} />
      <HostEvents incident={incident} events={related} total={relatedTotal} minutes={minutes} onMinutes={onMinutes} />
      <Before incident={incident} />
      <SameNow incident={incident} />
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

function useIncidentActs({ incident }: IncidentDetail, onAsk: (kind: ActKind) => void, reload: () => void): HeadActs {
  const { acts, person } = usePage();
  const run: HeadActs['run'] = (act) => void acts.run(act, [incident], () => setTimeout(reload, GATHER_MS));
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
  });
  return mine;
}
