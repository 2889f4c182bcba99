// Logging in: name and token once; then the page that was asked for.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { asApiError } from './resource.ts';
import { navigate, useAddress } from './router.ts';
import { logIn, type SessionState } from './session.ts';
import { fieldsOf } from './ui/form.ts';
import { Horn } from './ui/horn.tsx';

interface LoginProps {
  readonly session: SessionState;
  onDone(): void;
}

/** The page at `/login`, and what every other shows to somebody who is not logged in. */
export function Login({ session, onDone }: LoginProps): JSX.Element {
  const { path, query } = useAddress();
  const [problem, setProblem] = useState<string>();
  const name = useRef<HTMLInputElement>(null);
  // Before the next key is pressed; the browser's `autofocus` waits for a frame.
  useLayoutEffect(() => name.current?.focus(), []);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const field = fieldsOf(form);
    try {
      await logIn(field('name'), field('token'));
      if (path === '/login') navigate(pageAfter(query.get('next')), { replace: true });
      onDone();
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  return (
    <main class="login">
      <h1>
        <Horn /> Foghorn
      </h1>
      {session.logIn === 'proxy' ? (
        <p>Log in at the proxy in front of this console, then load the page again.</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <p class="muted">
            {session.logIn === 'token'
              ? 'The name of your token and the token, as console.http.tokens has them.'
              : 'This console takes no tokens: any name will do. Your changes are kept under it.'}
          </p>
          <label>
            Name
            <input ref={name} name="name" autocomplete="username" required maxLength={100} />
          </label>
          {session.logIn === 'token' && (
            <label>
              Token
              <input name="token" type="password" autocomplete="current-password" required />
            </label>
          )}
          <p role="alert" class="risk" hidden={problem === undefined}>
            {problem}
          </p>
          <button type="submit" class="primary">
            Log in
          </button>
        </form>
      )}
    </main>
  );
}

/** Only addresses of this console. */
function pageAfter(next: string | null): string {
  return next !== null && /^\/(?![/\\])/u.test(next) ? next : '/';
}
