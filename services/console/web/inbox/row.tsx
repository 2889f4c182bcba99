// One incident in the list: a line on a wide screen, a card on a narrow one.
import type { JSX } from 'preact';
import type { IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { flagsOf, portOf, titleWithoutHost } from '../model/incident-text.ts';
import { momentText } from '../model/time-text.ts';
import { isPlainClick } from '../router.ts';
import { hostPath, incidentPath } from '../routes.ts';
import { Age, SeverityMark, StateMark } from '../ui/marks.tsx';

/** What a row does. */
export interface RowActions {
  onTick(id: string, isRange: boolean): void;
  onOpen(id: string): void;
  onFocus(id: string): void;
  onAct(kind: 'acknowledge' | 'assignMe' | 'snooze' | 'resolve', incident: IncidentView): void;
}

interface RowProps {
  readonly incident: IncidentView;
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly top: number;
  readonly isTicked: boolean;
  readonly isCursor: boolean;
  readonly isInGroup: boolean;
  readonly actions: RowActions;
}

/** The heads of the columns, for the line above. */
export const COLUMNS = [
  'Severity',
  'State',
  'What',
  'Host',
  'Port',
  'Events',
  'Age',
  'Last',
  'Owner',
  'Marks',
] as const;

/** The row. */
export function IncidentRow(props: RowProps): JSX.Element {
  const { incident, index, top, isTicked, isCursor, isInGroup, actions } = props;
  const { person, acts } = usePage();
  const { id, severity, state, host } = incident;
  const isPending = acts.pending.has(id);
  const classes = ['row', state, isTicked ? 'ticked' : '', isInGroup ? 'in-group' : '', isPending ? 'pending' : ''];
  return (
    <div
      class={classes.join(' ')}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isTicked}
      aria-current={isCursor ? 'true' : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onFocusIn={() => actions.onFocus(id)}
    >
      <span class="cell tick" role="gridcell">
        <input
          type="checkbox"
          checked={isTicked}
          aria-label={`Select ${titleWithoutHost(incident)} on ${host}`}
          tabIndex={isCursor ? 0 : -1}
          onClick={(event) => actions.onTick(id, event.shiftKey)}
        />
      </span>
      <span class="cell severity-cell" role="gridcell">
        <SeverityMark severity={severity} />
      </span>
      <span class="cell state-cell" role="gridcell">
        {isPending ? <span class="state pending">pending</span> : <StateMark incident={incident} />}
      </span>
      <Facts incident={incident} isCursor={isCursor} onOpen={() => actions.onOpen(id)} />
      {person.mayOperate && <RowButtons incident={incident} onAct={actions.onAct} />}
    </div>
  );
}

function Facts({
  incident,
  isCursor,
  onOpen,
}: {
  readonly incident: IncidentView;
  readonly isCursor: boolean;
  readonly onOpen: () => void;
}): JSX.Element {
  const { now, zone } = usePage();
  const { id, host, episodeCount, opened, lastSeen, assignee } = incident;
  const flags = flagsOf(incident, now, (at) => momentText(at, now, zone));
  const port = portOf(incident);
  const open = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <>
      <span class="cell what" role="rowheader">
        <a href={incidentPath(id)} data-main tabIndex={isCursor ? 0 : -1} onClick={open} title={incident.title}>
          {titleWithoutHost(incident)}
        </a>
      </span>
      <span class="cell host" role="gridcell">
        <a href={hostPath(host)} tabIndex={-1}>
          {host}
        </a>
      </span>
      <span class="cell port number" role="gridcell">
        {port ?? ''}
      </span>
      <span class="cell count number" role="gridcell">
        {episodeCount.toLocaleString('en')}
      </span>
      <span class="cell age number" role="gridcell">
        <Age at={opened} isShort />
      </span>
      <span class="cell last number" role="gridcell">
        <Age at={lastSeen} isShort />
      </span>
      <span class="cell owner" role="gridcell">
        {assignee ?? ''}
      </span>
      <span class="cell flags" role="gridcell">
        {flags.map(({ text, meaning }) => (
          <span class="flag" title={meaning} key={text}>
            {text}
          </span>
        ))}
      </span>
    </>
  );
}

function RowButtons({ incident, onAct }: { readonly incident: IncidentView } & Pick<RowActions, 'onAct'>): JSX.Element {
  const { state } = incident;
  const button = (kind: Parameters<RowActions['onAct']>[0], text: string): JSX.Element => (
    <button type="button" tabIndex={-1} onClick={() => onAct(kind, incident)}>
      {text}
    </button>
  );
  return (
    <span class="cell buttons" role="gridcell">
      {state === 'open' && button('acknowledge', 'Ack')}
      {state !== 'resolved' && button('assignMe', 'To me')}
      {state !== 'resolved' && button('snooze', 'Snooze')}
      {state !== 'resolved' && button('resolve', 'Resolve')}
    </span>
  );
}
