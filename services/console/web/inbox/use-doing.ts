// What is done with the rows: at once for one incident, after a question for several.
import { useState } from 'preact/hooks';
import type { ActKind } from '../act-panel.tsx';
import type { Act } from '../acts.ts';
import { ask } from '../api/client.ts';
import type { IncidentPage, IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { asApiError } from '../resource.ts';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

/** What the panel at the bottom asks about. */
export interface Asked {
  readonly kind: ActKind;
  readonly targets: readonly IncidentView[];
}

/** What can be done at once. */
export type DirectAct = 'acknowledge' | 'resolve' | 'assignMe';

/** See above. */
export interface Doing {
  readonly asked: Asked | undefined;
  /** What is read before a question about all that match. */
  readonly note: string | undefined;
  /** Asks what for: of these, else of all that are ticked, else of the current row. */
  ask(kind: ActKind, targets?: readonly IncidentView[]): void;
  /** Does it to one incident; asks first when it is about several. */
  now(act: DirectAct, targets?: readonly IncidentView[]): void;
  /** Does it to these. */
  run(act: Act, targets: readonly IncidentView[]): void;
  close(): void;
}

/** More than these are read again with the list as a whole. */
const FEW = 25;

/** For the rows of the filter. */
export function useDoing(filter: string, rows: Rows, selected: Selected): Doing {
  const { chosen, current } = selected;
  const filters = filtersOf(filter, selected);
  const { acts, person } = usePage();
  const [asked, setAsked] = useState<Asked>();
  const [note, setNote] = useState<string>();
  const one = current?.kind === 'incident' && current.incident !== undefined ? [current.incident] : [];
  const targets = chosen.length > 0 ? chosen : one;
  const askAll = async (kind: ActKind, wanted: readonly string[]): Promise<void> => {
    setNote('Reading all of them …');
    try {
      setAsked({
        kind,
        targets: [...new Map([...chosen, ...(await readAll(wanted))].map((it) => [it.id, it])).values()],
      });
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
      const wanted = given === undefined ? filters : [];
      if (wanted.length > 0) void askAll(kind, wanted);
      else if ((given ?? targets).length > 0) setAsked({ kind, targets: given ?? targets });
    },
    now: (act, given) => {
      if (!person.mayOperate) return undefined;
      const some = given ?? targets;
      if (given === undefined && (filters.length > 0 || some.length > 1))
        return doing.ask(act === 'assignMe' ? 'assign' : act);
      const done =
        act === 'assignMe' ? ({ kind: 'assign', assignee: person.actor } as const) : ({ kind: act } as const);
      return some.length === 0 ? undefined : doing.run(done, some);
    },
    run: (act, given) => {
      setAsked(undefined);
      const done = acts.run(act, given, (id, { state, revision = 0 }) => {
        rows.lists.patch(id, { revision, ...(state === undefined ? {} : { state: state as IncidentView['state'] }) });
        if (given.length <= FEW) rows.lists.refresh(new Map([[id, revision]]));
      });
      if (given.length > FEW) void done.then(rows.reload);
    },
    close: () => setAsked(undefined),
  };
  return doing;
}

/** The filters of what is selected and has to be read first. */
function filtersOf(filter: string, { selection, chosen, current }: Selected): readonly string[] {
  if (selection.isAll) return [filter];
  const isGroup = selection.ids.size === 0 && selection.groups.size === 0 && current?.kind === 'group';
  const groups = isGroup && chosen.length === 0 ? [current.group.q ?? ''] : [...selection.groups.keys()];
  return groups.map((q) => `${filter} ${q}`.trim());
}

const PAGE = 500;

/** Every incident of the filters, each from one point in time. */
async function readAll(filters: readonly string[]): Promise<readonly IncidentView[]> {
  const found: IncidentView[] = [];
  for (const q of filters) {
    const parts = new URLSearchParams({ q, sort: 'opened', limit: String(PAGE) });
    for (;;) {
      const { incidents, nextCursor } = await ask<IncidentPage>(`/api/v1/incidents?${parts}`);
      found.push(...incidents);
      if (nextCursor === undefined) break;
      parts.set('cursor', nextCursor);
    }
  }
  return found;
}
