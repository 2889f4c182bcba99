// Silences: which there are, a new one, the end of one.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { Change, SilenceView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { matchersOf, spanOf } from '../model/silence-text.ts';
import { spanText } from '../model/time-text.ts';
import { asApiError, useResource } from '../resource.ts';
import { navigate, useAddress } from '../router.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { fieldsOf } from '../ui/form.ts';
import { Moment } from '../ui/marks.tsx';

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
  const path = `${PATH}?state=${encodeURIComponent(state)}`;
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
          <a class="button" href="/silences/new">
            New silence
          </a>
        )}
      </header>
      {isNew && person.mayOperate && <NewSilence matchers={query.getAll('matcher')} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="silences" />}
      {data?.silences.length === 0 && (
        <EmptyBox title="No silence">
          <p>A silence keeps messages about some incidents back for a while, for example during maintenance.</p>
        </EmptyBox>
      )}
      {data !== undefined && data.silences.length > 0 && <SilenceTable silences={data.silences} reload={reload} />}
    </div>
  );
}

function SilenceTable({
  silences,
  reload,
}: {
  readonly silences: readonly SilenceView[];
  reload(): void;
}): JSX.Element {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Matchers</th>
          <th scope="col">Why</th>
          <th scope="col">By</th>
          <th scope="col">Ends</th>
          <th scope="col">
            <span class="unseen">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {silences.map((silence) => (
          <SilenceRow key={silence.id} silence={silence} reload={reload} />
        ))}
      </tbody>
    </table>
  );
}

function SilenceRow({ silence, reload }: { readonly silence: SilenceView; reload(): void }): JSX.Element {
  const { person, now } = usePage();
  const [problem, setProblem] = useState<string>();
  const { id, state, matchers, comment, author, startsAt, endsAt } = silence;
  const expire = async (): Promise<void> => {
    try {
      await ask(`${PATH}/${encodeURIComponent(id)}${WAIT}`, { method: 'DELETE' });
      setTimeout(reload, INDEXED_MS);
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
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
      <td class="actions">
        {person.mayOperate && state !== 'expired' && (
          <button type="button" onClick={() => void expire()}>
            End it now
          </button>
        )}
        {problem !== undefined && <p class="risk">{problem}</p>}
      </td>
    </tr>
  );
}

/** The indexer writes a change within its interval. */
const INDEXED_MS = 2000;

function NewSilence({ matchers }: { readonly matchers: readonly string[] }): JSX.Element {
  const { now } = usePage();
  const [problem, setProblem] = useState<string>();
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const field = fieldsOf(form);
    const span = spanOf(field('for'));
    if (span === undefined) return setProblem('For how long: a number with m, h or d, such as 2h.');
    const body = {
      matchers: matchersOf(field('matchers')),
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
          defaultValue={matchers.join('\n')}
          placeholder={'host="media01.example.org"'}
        />
      </label>
      <label>
        For how long
        <input name="for" required defaultValue="2h" />
      </label>
      <label>
        Why, for everybody who asks
        <input name="comment" required maxLength={1000} />
      </label>
      <p class="risk" role="alert" hidden={problem === undefined}>
        {problem}
      </p>
      <div class="buttons">
        <button type="submit" class="primary">
          Silence
        </button>
        <a class="button" href="/silences">
          Cancel
        </a>
      </div>
    </form>
  );
}
