// A group in the list: what its incidents share, how many there are and how fast they come.
import type { JSX } from 'preact';
import type { IncidentGroup } from '../api/types.ts';
import { groupTitle } from '../model/group-text.ts';
import { Age, SeverityMark } from '../ui/marks.tsx';
import { Spark } from '../ui/spark.tsx';

interface GroupRowProps {
  readonly group: IncidentGroup;
  readonly index: number;
  readonly top: number;
  readonly isOpen: boolean;
  readonly isTicked: boolean;
  readonly isCursor: boolean;
  onToggle(): void;
  onTick(): void;
  onFocus(): void;
}

/** The row; Enter and a click open it. */
export function GroupRow(props: GroupRowProps): JSX.Element {
  const { group, index, top, isOpen, isTicked, isCursor, onToggle, onTick, onFocus } = props;
  const { severity, total, open, acknowledged, hosts, firstSeen, recent, assignees, unassigned, evidenced } = group;
  const { title, details } = groupTitle(group);
  return (
    <div
      class={`row group ${isTicked ? 'ticked' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isTicked}
      aria-current={isCursor ? 'true' : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onFocusIn={onFocus}
    >
      <span class="cell tick" role="gridcell">
        <input
          type="checkbox"
          checked={isTicked}
          aria-label={`Select all ${total}: ${title}`}
          tabIndex={isCursor ? 0 : -1}
          onClick={onTick}
        />
      </span>
      <span class="cell severity-cell" role="gridcell">
        {severity !== undefined && <SeverityMark severity={severity} />}
      </span>
      <span class="cell what" role="rowheader">
        <button type="button" data-main tabIndex={isCursor ? 0 : -1} aria-expanded={isOpen} onClick={onToggle}>
          <span class="fold" aria-hidden="true">
            {isOpen ? '▾' : '▸'}
          </span>
          <strong>{title}</strong>
          <span class="details">
            {details}
            {evidenced > 0 && ` (evidence on ${evidenced.toLocaleString('en')})`}
          </span>
        </button>
      </span>
      <span class="cell counts number" role="gridcell">
        <strong>{open.toLocaleString('en')}</strong> open
        {acknowledged > 0 && <span class="acked">{acknowledged.toLocaleString('en')} acked</span>}
      </span>
      <span class="cell hosts number" role="gridcell">
        {hosts.toLocaleString('en')} {hosts === 1 ? 'host' : 'hosts'}
      </span>
      <span class="cell speed" role="gridcell">
        <Spark counts={recent} what="began" />
        {group.new > 0 && <span class="new">+{group.new.toLocaleString('en')} in 5 min</span>}
      </span>
      <span class="cell age number" role="gridcell">
        <Age at={firstSeen} isShort />
      </span>
      <span class="cell owner" role="gridcell">
        {assignees.length === 0 ? 'nobody' : assignees.join(', ')}
        {assignees.length > 0 && unassigned > 0 && ` and nobody (${unassigned})`}
      </span>
    </div>
  );
}
