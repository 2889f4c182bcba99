// The list, or why there is none.
import type { JSX } from 'preact';
import { problemsIn } from '../model/filter.ts';
import { ErrorBox, Loading } from '../ui/boxes.tsx';
import type { ColumnName } from './columns.ts';
import { None } from './none.tsx';
import type { RowActions } from './row.tsx';
import type { Sort } from './inbox-address.ts';
import { IncidentTable } from './table.tsx';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

interface ListBodyProps {
  readonly rows: Rows;
  /** What was typed. */
  readonly filter: string;
  /** What always holds. */
  readonly fixed: string;
  readonly selected: Selected;
  readonly columns: readonly ColumnName[];
  readonly actions: RowActions;
  readonly sort: Sort;
  onSort(sort: Sort): void;
  onFilter(filter: string): void;
}

/** See above. What was read before stays when it cannot be read again. */
export function ListBody({ rows, filter, fixed, onFilter, ...table }: ListBodyProps): JSX.Element {
  const { count, error, isLoading, reload } = rows;
  const problems = problemsIn(filter);
  const isNone = count === 0 && !isLoading && error === undefined;
  return (
    <>
      {problems.map((problem) => (
        <p class="problem" role="alert" key={problem}>
          {problem}
        </p>
      ))}
      {error !== undefined && problems.length === 0 && <ErrorBox error={error} onRetry={reload} />}
      {count > 0 && <IncidentTable rows={rows} {...table} />}
      {count === 0 && isLoading && <Loading what="incidents" />}
      {isNone && <None {...{ filter, fixed, onFilter }} />}
    </>
  );
}
