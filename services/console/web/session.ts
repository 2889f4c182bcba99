// Who uses the console: the session of the browser.
import { useEffect } from 'preact/hooks';
import { ask, LOGGED_OUT } from './api/client.ts';
import type { SessionView } from './api/types.ts';
import type { Person } from './context.ts';
import { type Resource, useResource } from './resource.ts';

const PATH = '/api/v1/session';

/** Who this is, and how one logs in. */
export interface SessionState {
  /** Nobody has logged in: undefined. */
  readonly person: Person | undefined;
  readonly logIn: SessionView['logIn'];
}

/** Asks the console, and again when a request needs a login. */
export function useSession(): Resource<SessionState> {
  const session = useResource(PATH, async (signal) => stateOf(await ask<SessionView>(PATH, { signal })));
  const { reload } = session;
  useEffect(() => {
    addEventListener(LOGGED_OUT, reload);
    return () => removeEventListener(LOGGED_OUT, reload);
  }, [reload]);
  return session;
}

function stateOf({ name, rights, by, logIn }: SessionView): SessionState {
  if (name === undefined) return { person: undefined, logIn };
  return { person: { actor: name, mayOperate: rights.includes('operate'), isInSession: by === 'session' }, logIn };
}

/** Begins a session. Throws ApiError for a name and a token that are not together. */
export async function logIn(name: string, token: string): Promise<void> {
  await ask(PATH, { method: 'POST', body: { name, token } });
}

/** Ends it. Throws ApiError. */
export async function logOut(): Promise<void> {
  await ask(PATH, { method: 'DELETE' });
}
