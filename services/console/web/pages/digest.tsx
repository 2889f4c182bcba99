// What a digest told of: the incidents of its group.
import type { JSX } from 'preact';
import { Inbox } from '../inbox/inbox.tsx';
import { conditionText } from '../model/filter.ts';

/** The page at `/g/ID`, which messages link to. */
export function Digest({ id }: { readonly id: string }): JSX.Element {
  const head = (
    <header class="page-head list-head">
      <h1>A digest’s incidents</h1>
      <p class="muted">All incidents of its messages, as they are now.</p>
    </header>
  );
  return <Inbox fixed={{ filter: conditionText({ name: 'group', values: [id], isNot: false }), head }} />;
}
