// The list, or why there is none.
import type { JSX } from 'preact';
import { conditionsIn, conditionText, problemsIn, textIn, TO_DO, without, wordsOf } from '../model/filter.ts';
import { Command, EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import type { ColumnName } from './columns.ts';
import type { RowActions } from './row.tsx';
import { IncidentTable } from './table.tsx';
import type { Rows } from './use-rows.ts';
import type { Selected } from './use-selected.ts';

interface ListBodyProps {
  readonly rows: Rows;
  readonly filter: string;
  readonly selected: Selected;
  readonly columns: readonly ColumnName[];
  readonly actions: RowActions;
  onFilter(filter: string): void;
}

/** See above. What was read before stays when it cannot be read again. */
export function ListBody({ rows, filter, onFilter, ...table }: ListBodyProps): JSX.Element {
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
      {isNone && <NoneMatches filter={filter} onFilter={onFilter} />}
    </>
  );
}

const SAMPLE =
  "curl http://127.0.0.1:8309/v1/events -H 'content-type: application/xml' --data-binary @deploy/local/samples/wmserver-309.xml";

function NoneMatches({ filter, onFilter }: Pick<ListBodyProps, 'filter' | 'onFilter'>): JSX.Element {
  if (filter === TO_DO || filter === '')
    return (
      <EmptyBox title={filter === TO_DO ? 'Nothing known is wrong' : 'There has been no incident yet'}>
        <p>An event that the catalogue knows as a fault opens an incident here. To see one, send a sample:</p>
        <Command text={SAMPLE} />
        {filter === TO_DO && (
          <p>
            <a href="/incidents?q=state:resolved">What was resolved</a>
          </p>
        )}
      </EmptyBox>
    );
  const text = textIn(filter);
  return (
    <EmptyBox title="No incident matches">
      <p>All of these have to be true. Drop one:</p>
      <p class="conditions">
        {conditionsIn(filter).map((condition) => (
          <button
            type="button"
            key={conditionText(condition)}
            onClick={() => onFilter(without(filter, condition.name))}
          >
            {conditionText(condition)} ✕
          </button>
        ))}
        {text !== '' && (
          <button type="button" onClick={() => onFilter(wordsOf(conditionsIn(filter), ''))}>
            {text} ✕
          </button>
        )}
      </p>
    </EmptyBox>
  );
}
