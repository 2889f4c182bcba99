// The catalogue: an index that stays and is searched, and beside it the entry of the address.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { element, entryTree, foundEntries, indexTree, type Tree } from '../../../../shared/catalog/page-tree.ts';
import { ask } from '../api/client.ts';
import type { EntryPage, IncidentSummary } from '../api/types.ts';
import { TO_DO } from '../model/filter.ts';
import { useResource } from '../resource.ts';
import { cataloguePath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { useKeys } from '../ui/keys.ts';
import { treeNode } from '../ui/tree.ts';

const PATH = '/api/v1/catalog';
const COUNTS = `/api/v1/incidents/summary?q=${encodeURIComponent(TO_DO)}`;

/** The page at `/catalogue` and `/catalogue/ENTRY`. */
export function Catalogue({ entry }: { readonly entry: string | undefined }): JSX.Element {
  const { data, error, reload } = useResource(PATH, async (signal) =>
    ask<{ readonly entries: readonly EntryPage[] }>(PATH, { signal }),
  );
  const counts = useResource(COUNTS, async (signal) => await ask<IncidentSummary>(COUNTS, { signal })).data;
  const [words, setWords] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const head = useRef<HTMLDivElement>(null);
  useKeys({ search: () => field.current?.focus() });
  useEffect(() => {
    document.querySelector('#main')?.scrollTo(0, 0);
    if (entry !== undefined) head.current?.focus();
  }, [entry, data === undefined]);
  const entries = data?.entries ?? [];
  const found = foundEntries(entries, words);
  const chosen = entries.find(({ id }) => id === entry);
  const extra = ({ id }: EntryPage): readonly Tree[] => openLink(id, counts);
  return (
    <div class={`catalogue ${entry === undefined ? '' : 'with-entry'}`}>
      <nav aria-label="Entries">
        <h1>Catalogue</h1>
        <input
          ref={field}
          type="search"
          aria-label="Search the catalogue"
          placeholder="Provider, event, words"
          value={words}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
        <p class="muted" role="status">
          {data !== undefined && `${found.length} of ${entries.length} entries`}
        </p>
        {treeNode(indexTree(found, cataloguePath, extra))}
      </nav>
      <div class="catalogue-entry" ref={head} tabIndex={-1}>
        {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
        {data === undefined && error === undefined && <Loading what="the catalogue" />}
        {data !== undefined && <Entry chosen={chosen} entry={entry} extra={extra} />}
      </div>
    </div>
  );
}

interface EntryProps {
  readonly chosen: EntryPage | undefined;
  readonly entry: string | undefined;
  extra(entry: EntryPage): readonly Tree[];
}

function Entry({ chosen, entry, extra }: EntryProps): JSX.Element {
  if (chosen !== undefined)
    return (
      <>
        <p class="to-index">
          <a href="/catalogue">All entries</a>
        </p>
        {treeNode(entryTree(chosen, extra(chosen)))}
      </>
    );
  return entry === undefined ? (
    <EmptyBox title="What Foghorn recognises">
      <p>
        Choose an entry: what the event means, how it is repaired, and how to see that it is. What stands in an event is
        filled in with its incident; here it is in words.
      </p>
    </EmptyBox>
  ) : (
    <EmptyBox title="There is no such entry">
      <a href="/catalogue">All entries</a>
    </EmptyBox>
  );
}

/** How many incidents of it are not resolved. */
function openLink(id: string, counts: IncidentSummary | undefined): readonly Tree[] {
  const count = counts?.facets.rule.find(({ value }) => value === id)?.count ?? 0;
  if (count === 0) return [];
  const href = `/incidents?q=${encodeURIComponent(`${TO_DO} rule:${id}`)}`;
  return [element('a', { class: 'open-count', href }, [`${count.toLocaleString('en')} to do`])];
}
