// The head of a table.
import type { JSX } from 'preact';

interface TableHeadProps {
  readonly names: readonly string[];
  /** A last column holds buttons. */
  readonly hasActions?: boolean;
}

/** A line with the names of the columns. */
export function TableHead({ names, hasActions = false }: TableHeadProps): JSX.Element {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th scope="col" key={name}>
            {name}
          </th>
        ))}
        {hasActions && (
          <th scope="col">
            <span class="unseen">What to do</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
