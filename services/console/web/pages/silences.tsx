// Silences: which there are and what they match, a new one, a change, the end of one.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { Change, SilenceView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { matchersOf, spanOf } from '../model/silence-text.ts';
import { spanText } from '../model/time-text.ts';
import { asApiError, useResource } from '../resource.ts';
import { navigate, useAddress } from '../router.ts';
import { newSilencePath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { fieldsOf } from '../ui/form.ts';
import { Moment } from '../ui/marks.tsx';
import { TableHead } from '../ui/table-head.tsx';

const PATH = '/api/v1/silences';
const WAIT = '?wait=10000';

interface SilenceList {
  readonly total: number;
  readonly silences: readonly SilenceView[];
}

/** The page; with `isNew` the form is open. */
export function Silences({ isNew }: { readonly isNew: boolean }): JSX.Element {
  const { person } = usePage();
  const { query } = useAddress();
  const state = query.get('state') ?? 'current';
  const path = `${PATH}?state=${encodeURIComponent(state)}&counts=true`;
  const { data, error, reload } = useResource(path, async (signal) => await ask<SilenceList>(path, { signal }));
  return (
    <div class="page">
      <header class="page-head">
        <h1>Silences</h1>
        <label>
          Show{' '}
          <select value={state} onChange={({ currentTarget }) => navigate(`/silences?state=${currentTarget.value}`)}>
            <option value="current">those that hold or will</option>
            <option value="expired">those that have ended</option>
            <option value="all">all</option>
          </select>
        </label>
        {person.mayOperate && !isNew && (
          <a class="button" href={newSilencePath([])}>
            New silence
          </a>
        )}
      </header>
      {isNew && person.mayOperate && <Form silences={data?.silences} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="silences" />}
      {data !== undefined && <SilenceTable silences={data.silences} reload={reload} />}
    </div>
  );
}

/** For a new silence, or to change the one that the address names, once it is read. */
function Form({ silences }: { readonly silences: readonly SilenceView[] | undefined }): JSX.Element | null {
  const { query } = useAddress();
  const id = query.get('id');
  if (id === null) return <SilenceForm silence={undefined} matchers={query.getAll('matcher')} />;
  const silence = silences?.find((each) => each.id === id);
  return silence === undefined ? null : <SilenceForm key={id} silence={silence} matchers={silence.matchers} />;
}

function SilenceTable({
  silences,
  reload,
}: {
  readonly silences: readonly SilenceView[];
  reload(): void;
}): JSX.Element {
  if (silences.length === 0)
    return (
      <EmptyBox title="No silence">
        <p>A silence keeps messages about some incidents back for a while, for example during maintenance.</p>
      </EmptyBox>
    );
  return (
    <table class="table">
      <TableHead names={['State', 'Matchers', 'Matches now', 'Why', 'By', 'Ends']} hasActions />
      <tbody>
        {silences.map((silence) => (
          <SilenceRow key={silence.id} silence={silence} reload={reload} />
        ))}
      </tbody>
    </table>
  );
}

function SilenceRow({ silence, reload }: { readonly silence: SilenceView; reload(): void }): JSX.Element {
  const { now } = usePage();
  const { state, matchers, matches = 0, comment, author, startsAt, endsAt } = silence;
  return (
    <tr class={state}>
      <td data-name="State">
        <span class={`state ${state === 'active' ? 'open' : ''}`}>{state}</span>
      </td>
      <th scope="row" data-name="Matchers">
        {matchers.map((matcher) => (
          <code class="matcher" key={matcher}>
            {matcher}
          </code>
        ))}
      </th>
      <td data-name="Matches now">{matches === 0 ? 'none' : matches.toLocaleString('en')}</td>
      <td data-name="Why">{comment}</td>
      <td data-name="By">{author}</td>
      <td data-name="Ends">
        <Moment at={endsAt} />
        {state === 'active' && <span class="muted"> in {spanText(Date.parse(endsAt) - now)}</span>}
        {state === 'pending' && (
          <span class="muted">
            {' '}
            begins <Moment at={startsAt} />
          </span>
        )}
      </td>
      <td class="actions">{state !== 'expired' && <RowActions id={silence.id} reload={reload} />}</td>
    </tr>
  );
}

/** The indexer writes a change within its interval. */
const INDEXED_MS = 2000;

function RowActions({ id, reload }: { readonly id: string; reload(): void }): JSX.Element | null {
  const { person } = usePage();
  const [problem, setProblem] = useState<string>();
  const expire = async (): Promise<void> => {
    try {
      await ask(`${PATH}/${encodeURIComponent(id)}${WAIT}`, { method: 'DELETE' });
      setTimeout(reload, INDEXED_MS);
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  if (!person.mayOperate) return null;
  return (
    <>
      <a class="button" href={`/silences/new?id=${encodeURIComponent(id)}`}>
        Change
      </a>{' '}
      <button type="button" onClick={() => void expire()}>
        End it now
      </button>
      {problem !== undefined && <p class="risk">{problem}</p>}
    </>
  );
}

interface SilenceFormProps {
  /** The one to change; undefined for a new one. */
  readonly silence: SilenceView | undefined;
  readonly matchers: readonly string[];
}

function SilenceForm({ silence, matchers }: SilenceFormProps): JSX.Element {
  const { now } = usePage();
  const [typed, setTyped] = useState(matchers.join('\n'));
  const [problem, setProblem] = useState<string>();
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const field = fieldsOf(form);
    const span = spanOf(field('for'));
    if (span === undefined) return setProblem('For how long: a number with m, h or d, such as 2h.');
    const body = {
      ...(silence === undefined ? {} : { id: silence.id }),
      matchers: matchersOf(typed),
      comment: field('comment'),
      endsAt: new Date(now + span).toISOString(),
    };
    try {
      const { status } = await ask<Change>(PATH + WAIT, { method: 'POST', body });
      if (status !== 'done')
        return setProblem('Taken, and not done yet: it holds as soon as the notifier has read it.');
      return navigate('/silences', { replace: true });
    } catch (error) {
      return setProblem(asApiError(error).message);
    }
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <label>
        Matchers, one a line; all have to be true
        <textarea
          name="matchers"
          rows={3}
          required
          value={typed}
          placeholder={'host="media01.example.org"'}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <Matches typed={typed} />
      <label>
        For how long{silence !== undefined && ', from now'}
        <input name="for" required defaultValue="2h" />
      </label>
      <label>
        Why, for everybody who asks
        <input name="comment" required maxLength={1000} defaultValue={silence?.comment} />
      </label>
      <p class="risk" role="alert" hidden={problem === undefined}>
        {problem}
      </p>
      <div class="buttons">
        <button type="submit" class="primary">
          {silence === undefined ? 'Silence' : 'Change it'}
        </button>
        <a class="button" href="/silences">
          Cancel
        </a>
      </div>
    </form>
  );
}

const TYPED_MS = 400;

/** How many incidents the matchers match now, or why they cannot be taken. */
function Matches({ typed }: { readonly typed: string }): JSX.Element | null {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const matchers = matchersOf(settled);
  const { data, error } = useResource(`preview ${settled}`, async (signal) =>
    matchers.length === 0
      ? undefined
      : await ask<{ readonly matches: number }>(`${PATH}/preview`, { method: 'POST', body: { matchers }, signal }),
  );
  if (error !== undefined) return <p class="risk">{error.message}</p>;
  return (
    <p class="muted" role="status">
      {data === undefined ? '' : `Matches ${data.matches.toLocaleString('en')} unresolved incidents now.`}
    </p>
  );
}
