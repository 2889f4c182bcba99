// What is done with the rows: at once for one incident, after a question for several.
import { useState } from 'preact/hooks';
import type { ActKind } from '../act-panel.tsx';
import type { IncidentView } from '../api/types.ts';
import { type BulkPlan, type ManyAct, planOf } from '../bulk.ts';
import { usePage } from '../context.ts';
import type { BulkFilter } from '../model/filter-address.ts';
import { asApiError } from '../resource.ts';
import { filterOfGroup, filtersOf } from './selected-filters.ts';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

/** What an act is for. */
export type Scope =
  | { readonly kind: 'one'; readonly incident: IncidentView }
  | { readonly kind: 'many'; readonly plan: BulkPlan };

/** What the panel at the bottom asks about. */
export interface Asked {
  readonly kind: ActKind;
  readonly scope: Scope;
}

/** What can be done at once. */
export type DirectAct = 'acknowledge' | 'resolve' | 'assignMe';

/** See above. */
export interface Doing {
  readonly asked: Asked | undefined;
  /** What is counted before a question about many, or why that failed. */
  readonly note: string | undefined;
  /** Asks what for: of this one, else of all that are ticked, else of the current row. */
  ask(kind: ActKind, incident?: IncidentView): void;
  /** Does it to one incident; asks first when it is about several. */
  now(act: DirectAct, incident?: IncidentView): void;
  run(act: ManyAct, scope: Scope): void;
  close(): void;
}

/** For the rows of the filter. */
export function useDoing(filter: string, rows: Rows, selected: Selected): Doing {
  const { acts, person, live } = usePage();
  const [asked, setAsked] = useState<Asked>();
  const [note, setNote] = useState<string>();
  const filters = manyOf(filter, selected);
  const one = filters.length === 0 ? oneOf(rows, selected) : undefined;
  const askMany = async (kind: ActKind): Promise<void> => {
    setNote('Counting them …');
    try {
      setAsked({ kind, scope: { kind: 'many', plan: await planOf(filters) } });
      setNote(undefined);
    } catch (error) {
      setNote(asApiError(error).message);
    }
  };
  const doing: Doing = {
    asked,
    note,
    ask: (kind, given) => {
      if (!person.mayOperate) return;
      const incident = given ?? one;
      if (incident !== undefined) setAsked({ kind, scope: { kind: 'one', incident } });
      else if (filters.length > 0) void askMany(kind);
    },
    now: (act, given) => {
      if (!person.mayOperate) return undefined;
      const incident = given ?? one;
      if (incident === undefined) return doing.ask(act === 'assignMe' ? 'assign' : act);
      const done =
        act === 'assignMe' ? ({ kind: 'assign', assignee: person.actor } as const) : ({ kind: act } as const);
      return doing.run(done, { kind: 'one', incident });
    },
    run: (act, scope) => {
      setAsked(undefined);
      if (scope.kind === 'many') {
        // Live changes reach the rows meanwhile.
        const onOver = (): void => (live.state === 'live' ? void rows.recount() : rows.reload());
        return void acts.runMany(act, scope.plan, onOver);
      }
      return void acts.run(act, scope.incident, (id, { state, revision = 0 }) => {
        rows.lists.patch(id, { revision, ...(state === undefined ? {} : { state: state as IncidentView['state'] }) });
        rows.lists.refresh(new Map([[id, revision]]));
      });
    },
    close: () => setAsked(undefined),
  };
  return doing;
}

/** What is selected, or the group of the row, when it is more than one incident. */
function manyOf(filter: string, { selection, current }: Selected): readonly BulkFilter[] {
  const { isAll, ids, groups } = selection;
  if (!isAll && groups.size === 0 && ids.size === 1) return [];
  const filters = filtersOf(filter, selection);
  return filters.length === 0 && current?.kind === 'group' ? [filterOfGroup(filter, current.group.q)] : filters;
}

/** The one that is ticked, or the current row. */
function oneOf({ incidents }: Rows, { selection, current }: Selected): IncidentView | undefined {
  const [ticked] = selection.ids;
  if (ticked !== undefined) return incidents.find(({ id }) => id === ticked);
  return current?.kind === 'incident' ? current.incident : undefined;
}
