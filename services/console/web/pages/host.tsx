// A host: its incidents of all time.
import type { JSX } from 'preact';
import { Inbox } from '../inbox/inbox.tsx';
import { conditionText } from '../model/filter.ts';
import { Copy } from '../ui/boxes.tsx';

/** The page at `/hosts/NAME`. */
export function Host({ name }: { readonly name: string }): JSX.Element {
  const head = (
    <header class="page-head list-head">
      <h1>{name}</h1>
      <Copy text={name} label="Copy host" />
      <a class="button" href={`/silences/new?matcher=${encodeURIComponent(`host="${name}"`)}`}>
        Silence …
      </a>
    </header>
  );
  return <Inbox fixed={{ filter: conditionText({ name: 'host', values: [name], isNot: false }), head }} />;
}
