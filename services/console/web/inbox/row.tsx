// One incident in the list: a line on a wide screen, a card on a narrow one.
import type { ComponentChildren, JSX } from 'preact';
import type { IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { flagsOf, portOf, titleWithoutHost } from '../model/incident-text.ts';
import { momentText } from '../model/time-text.ts';
import { isPlainClick } from '../router.ts';
import { hostPath, incidentPath } from '../routes.ts';
import { Age, SeverityMark, StateMark } from '../ui/marks.tsx';
import { Spark } from '../ui/spark.tsx';
import type { ColumnName } from './columns.ts';

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
  readonly columns: readonly ColumnName[];
  readonly actions: RowActions;
  /** Its events in each 5 minutes of the last hour, where they are known. */
  readonly recent: readonly number[] | undefined;
}

/** The row. */
export function IncidentRow(props: RowProps): JSX.Element {
  const { incident, index, top, isTicked, isCursor, isInGroup, columns, actions, recent } = props;
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
      {columns.includes('state') && (
        <span class="cell state-cell" role="gridcell">
          {isPending ? <span class="state pending">pending</span> : <StateMark incident={incident} />}
        </span>
      )}
      <Title incident={incident} isCursor={isCursor} onOpen={() => actions.onOpen(id)} />
      <Facts incident={incident} columns={columns} recent={recent} />
      {person.mayOperate && <RowButtons incident={incident} onAct={actions.onAct} />}
    </div>
  );
}

interface TitleProps {
  readonly incident: IncidentView;
  readonly isCursor: boolean;
  readonly onOpen: () => void;
}

function Title({ incident, isCursor, onOpen }: TitleProps): JSX.Element {
  const open = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <span class="cell what" role="rowheader">
      <a href={incidentPath(incident.id)} data-main tabIndex={isCursor ? 0 : -1} onClick={open} title={incident.title}>
        {titleWithoutHost(incident)}
      </a>
    </span>
  );
}

/** The cells behind the title, as far as they are chosen. */
function Facts({ incident, columns, recent }: Pick<RowProps, 'incident' | 'columns' | 'recent'>): JSX.Element {
  const { now, zone } = usePage();
  const { host, episodeCount, opened, lastSeen, assignee } = incident;
  const cell = (name: ColumnName, kind: string, content: ComponentChildren): JSX.Element | false =>
    columns.includes(name) && (
      <span class={`cell ${kind}`} role="gridcell">
        {content}
      </span>
    );
  const flags = flagsOf(incident, now, (at) => momentText(at, now, zone)).map(({ text, meaning }) => (
    <span class="flag" title={meaning} key={text}>
      {text}
    </span>
  ));
  const link = (
    <a href={hostPath(host)} tabIndex={-1}>
      {host}
    </a>
  );
  const events = (
    <>
      {recent !== undefined && <Spark counts={recent} what="events" bar={3} />}
      <span>{episodeCount.toLocaleString('en')}</span>
    </>
  );
  return (
    <>
      {cell('host', 'host', link)}
      {cell('port', 'port number', portOf(incident) ?? '')}
      {cell('events', 'count number', events)}
      {cell('age', 'age number', <Age at={opened} isShort />)}
      {cell('last', 'last number', <Age at={lastSeen} isShort />)}
      {cell('owner', 'owner', assignee ?? '')}
      {cell('marks', 'flags', flags)}
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
