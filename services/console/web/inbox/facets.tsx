// The facets beside the list: each value with its count. A click takes it alone, with Shift it too,
// with Alt all but it.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FilterName } from '../../read/filter-fields.ts';
import type { IncidentSummary } from '../api/types.ts';
import { usePage } from '../context.ts';
import { useKeys } from '../ui/keys.ts';
import { useMedia } from '../ui/media.ts';
import { toggled, valuesOf, valueText, without, withValues } from '../model/filter.ts';

type Facets = IncidentSummary['facets'];

interface FacetsProps {
  readonly facets: Facets;
  readonly filter: string;
  onFilter(filter: string): void;
}

const TITLES = {
  state: 'State',
  severity: 'Severity',
  rule: 'Fault',
  port: 'Port',
  holder: 'Likely holder',
  host: 'Host',
  assignee: 'Owner',
  age: 'Age',
  is: 'Marks',
  class: 'Class',
  provider: 'Provider',
} as const satisfies Readonly<Record<keyof Facets, string>>;

const SHOWN = 7;
/** While somebody searches. */
const SEARCHED = 25;

interface PlaceProps extends FacetsProps {
  /** On a phone they are asked for. */
  readonly isSheet: boolean;
  onClose(): void;
}

/** Beside the list; on a phone over it. */
export function FacetPlace({ isSheet, onClose, ...facets }: PlaceProps): JSX.Element | null {
  const isNarrow = useMedia('(max-width: 720px)');
  if (!isNarrow) return <FacetList {...facets} />;
  return isSheet ? <FacetSheet {...facets} onClose={onClose} /> : null;
}

function FacetSheet({ onClose, ...facets }: FacetsProps & { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useKeys({ back: () => dialog.current?.close() });
  return (
    <dialog ref={dialog} class="sheet" aria-label="Filters" onClose={onClose}>
      <form method="dialog">
        <button type="submit" class="primary">
          Show the list
        </button>
      </form>
      <FacetList {...facets} />
    </dialog>
  );
}

/** The facets that have something to choose. */
function FacetList({ facets, filter, onFilter }: FacetsProps): JSX.Element {
  return (
    <nav class="facets" aria-label="Facets" id="facets">
      {(Object.keys(TITLES) as (keyof Facets)[]).map((name) => {
        const values = facets[name];
        return values.length === 0 ? null : <Facet key={name} {...{ name, values, filter, onFilter }} />;
      })}
    </nav>
  );
}

interface FacetProps {
  readonly name: keyof Facets & FilterName;
  readonly values: Facets[keyof Facets];
  readonly filter: string;
  onFilter(filter: string): void;
}

function Facet({ name, values, filter, onFilter }: FacetProps): JSX.Element {
  const { actor } = usePage().person;
  const [search, setSearch] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), [search === undefined]);
  const words = search?.trim().toLowerCase() ?? '';
  const found = values.filter(({ value, name: called }) =>
    `${value} ${called ?? shownValue(name, value, actor)}`.toLowerCase().includes(words),
  );
  const shown = search === undefined ? values.slice(0, SHOWN) : found.slice(0, SEARCHED);
  const chosen = valuesOf(filter, name);
  const left = valuesOf(filter, name, true);
  const pick = (value: string, event: MouseEvent): void => {
    if (event.altKey) return onFilter(withValues(filter, name, left.includes(value) ? [] : [value], true));
    if (event.shiftKey) return onFilter(toggled(filter, name, value));
    return onFilter(withValues(filter, name, chosen.length === 1 && chosen[0] === value ? [] : [value]));
  };
  return (
    <section>
      <h2>
        {TITLES[name]}
        {(chosen.length > 0 || left.length > 0) && (
          <button type="button" class="link" onClick={() => onFilter(without(filter, name))}>
            any
          </button>
        )}
      </h2>
      {search !== undefined && (
        <input
          type="search"
          class="facet-search"
          aria-label={`Search: ${TITLES[name]}`}
          ref={field}
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      )}
      <ul>
        {shown.map(({ value, count, name: called }) => (
          <li key={value}>
            <button
              type="button"
              class={left.includes(value) ? 'left-out' : ''}
              aria-pressed={chosen.includes(value)}
              title="Click: this alone. Shift: this too. Alt: all but this."
              onClick={(event) => pick(value, event)}
            >
              <span class="name" title={called ?? shownValue(name, value, actor)}>
                {called ?? shownValue(name, value, actor)}
              </span>
              <span class="count">{count.toLocaleString('en')}</span>
            </button>
          </li>
        ))}
      </ul>
      {search === undefined && values.length > SHOWN && (
        <button type="button" class="link" onClick={() => setSearch('')}>
          {values.length - SHOWN} more
        </button>
      )}
    </section>
  );
}

function shownValue(name: FilterName, value: string, actor: string): string {
  if (name === 'assignee' && value === actor) return `${value} (me)`;
  return value === '' && name !== 'assignee' ? 'none' : valueText(name, value);
}
