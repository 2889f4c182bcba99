// The inbox: facets, filter, list, and what is done with what is ticked. With a fixed condition the
// same list is a host's or a digest's.
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ActPanel } from '../act-panel.tsx';
import { IncidentPanel } from '../incident/incident.tsx';
import { TO_DO } from '../model/filter.ts';
import { planText } from '../model/plan-text.ts';
import { selectedCount } from '../model/selection.ts';
import { navigate, useAddress } from '../router.ts';
import { incidentPath, silencePath } from '../routes.ts';
import { useKeys } from '../ui/keys.ts';
import { useMedia } from '../ui/media.ts';
import { keepOrder } from './adjacent.ts';
import { CountBar } from './bars.tsx';
import { COLUMNS, usualColumns } from './columns.ts';
import { FacetPlace } from './facets.tsx';
import { FilterBox } from './filter-box.tsx';
import { type InboxView, queryOfView, viewOfQuery } from './inbox-address.ts';
import { ListBody } from './list-body.tsx';
import type { RowActions } from './row.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useChanges } from './use-changes.ts';
import { type Doing, type Scope, useDoing } from './use-doing.ts';
import { type Rows, useRows } from './use-rows.ts';
import { type Selected, useSelected } from './use-selected.ts';

interface InboxProps {
  /** A condition that always holds, and what stands above the list of it. */
  readonly fixed?: { readonly filter: string; readonly head: ComponentChildren };
}

/** The page. */
export function Inbox({ fixed }: InboxProps): JSX.Element {
  const { path, query } = useAddress();
  const byDefault = fixed === undefined ? TO_DO : '';
  const base = fixed === undefined ? '/incidents' : path;
  const view = viewOfQuery(query, byDefault);
  const go = (change: Partial<InboxView>): void => navigate(base + queryOfView({ ...view, ...change }, byDefault));
  const always = fixed?.filter ?? '';
  const filter = `${always} ${view.filter}`.trim();
  const rows = useRows(filter, view);
  const fresh = useChanges(rows, filter);
  const selected = useSelected(rows);
  const doing = useDoing(filter, rows, selected);
  const field = useRef<HTMLInputElement>(null);
  const isWide = useMedia('(min-width: 1200px)');
  const usual = usualColumns(useMedia('(max-width: 1110px)'));
  const [isSheet, setSheet] = useState(false);
  useTitle(rows);
  const { open } = view;
  keepOrder(rows.incidents.map(({ id }) => id));
  const openOne = (id: string): void => (isWide ? go({ open: id }) : navigate(incidentPath(id)));
  const close = open === undefined ? undefined : () => go({ open: undefined });
  useInboxKeys({ rows, selected, doing, field, openOne, close });
  const actions: RowActions = {
    onTick: selected.tick,
    onOpen: openOne,
    onFocus: selected.setCursor,
    onAct: (kind, incident) => (kind === 'snooze' ? doing.ask(kind, incident) : doing.now(kind, incident)),
  };
  const onFilter = (next: string): void => go({ filter: next });
  const facets = rows.summary?.facets;
  const hasPanel = open !== undefined && isWide;
  const columns = hasPanel ? COLUMNS : (view.columns ?? usual);
  return (
    <div class={`inbox ${hasPanel ? 'with-panel' : ''}`}>
      {facets !== undefined && !hasPanel && (
        <FacetPlace {...{ facets, filter: view.filter, onFilter, isSheet }} onClose={() => setSheet(false)} />
      )}
      <section class="list" aria-label="Incidents">
        {fixed?.head}
        <FilterBox
          filter={view.filter}
          field={field}
          valuesOf={(name) => (facets !== undefined && name in facets ? facets[name as keyof typeof facets] : [])}
          onFilter={onFilter}
        />
        <CountBar {...{ rows, fresh, filter, view, usual, go }} onFacets={() => setSheet(true)} />
        <SelectionBar {...{ selected, rows, filter, columns: view.columns }} note={doing.note} onAsk={doing.ask} />
        <ListBody
          {...{ rows, selected, actions, onFilter, columns }}
          filter={view.filter}
          fixed={always}
          sort={view.sort}
          onSort={(sort) => go({ sort })}
        />
      </section>
      {hasPanel && <IncidentPanel key={open} id={open} onClose={() => close?.()} />}
      <AskedPanel doing={doing} />
    </div>
  );
}

/** How many are open stands in the tab. */
function useTitle({ summary }: Rows): void {
  const { open = 0 } = summary ?? {};
  useEffect(() => {
    document.title = `${open > 0 ? `(${open.toLocaleString('en')}) ` : ''}Incidents – Foghorn`;
  }, [open]);
}

interface KeyParts {
  readonly rows: Rows;
  readonly selected: Selected;
  readonly doing: Doing;
  readonly field: RefObject<HTMLInputElement | null>;
  openOne(id: string): void;
  readonly close: (() => void) | undefined;
}

function useInboxKeys({ rows, selected, doing, field, openOne, close }: KeyParts): void {
  const { current } = selected;
  const id = current?.kind === 'incident' ? current.incident?.id : undefined;
  const tick = (isRange: boolean): void => {
    if (current?.kind === 'group') selected.tickGroup(current.group);
    else if (id !== undefined) selected.tick(id, isRange);
  };
  useKeys({
    next: () => selected.move(1),
    previous: () => selected.move(-1),
    open: () => {
      if (current?.kind === 'group') rows.toggle(current.group);
      else if (id !== undefined) openOne(id);
    },
    tick: () => tick(false),
    tickRange: () => tick(true),
    selectAll: selected.selectAll,
    showNew: rows.reload,
    search: () => field.current?.focus(),
    facets: () => document.querySelector<HTMLElement>('#facets button')?.focus(),
    acknowledge: () => doing.now('acknowledge'),
    assignMe: () => doing.now('assignMe'),
    resolve: () => doing.now('resolve'),
    assign: () => doing.ask('assign'),
    note: () => doing.ask('note'),
    snooze: () => doing.ask('snooze'),
    silence: () => id !== undefined && navigate(silencePath({ id })),
    back: () => {
      if (close !== undefined) return close();
      if (selectedCount(selected.selection, rows.total) === 0) return false;
      return selected.clear();
    },
  });
}

function AskedPanel({ doing }: { readonly doing: Doing }): JSX.Element | null {
  const { asked, close } = doing;
  if (asked === undefined) return null;
  const { kind, scope } = asked;
  return (
    <ActPanel
      key={kind}
      kind={kind}
      about={aboutText(scope)}
      preview={scope.kind === 'many' ? planText(scope.plan) : undefined}
      onClose={close}
      onAct={(act) => doing.run(act, scope)}
    />
  );
}

function aboutText(scope: Scope): string {
  return scope.kind === 'one' ? scope.incident.title : `${scope.plan.total.toLocaleString('en')} incidents`;
}
