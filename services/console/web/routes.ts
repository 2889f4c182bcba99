// The addresses of pages. Pure; `pages/pages.ts` serves the same.

/** A page, with what its address names. */
export type Route =
  | { readonly page: 'inbox' }
  | { readonly page: 'incident'; readonly id: string }
  | { readonly page: 'digest'; readonly id: string }
  | { readonly page: 'host'; readonly name: string }
  | { readonly page: 'silences'; readonly isNew: boolean }
  | { readonly page: 'deliveries' }
  | { readonly page: 'catalogue'; readonly entry: string | undefined }
  | { readonly page: 'sources' }
  | { readonly page: 'handover' }
  | { readonly page: 'login' }
  | { readonly page: 'none' };

/** The page at a path. */
export function routeOf(path: string): Route {
  const [first = '', second, third] = path.split('/').slice(1).map(decoded);
  if (third !== undefined) return { page: 'none' };
  if (second === undefined || second === '') return PLAIN[first] ?? { page: 'none' };
  if (first === 'incidents') return { page: 'incident', id: second };
  if (first === 'catalogue') return { page: 'catalogue', entry: second };
  if (first === 'g') return { page: 'digest', id: second };
  if (first === 'hosts') return { page: 'host', name: second };
  if (first === 'silences' && second === 'new') return { page: 'silences', isNew: true };
  return { page: 'none' };
}

const PLAIN: Readonly<Record<string, Route>> = {
  '': { page: 'inbox' },
  incidents: { page: 'inbox' },
  silences: { page: 'silences', isNew: false },
  deliveries: { page: 'deliveries' },
  catalogue: { page: 'catalogue', entry: undefined },
  sources: { page: 'sources' },
  handover: { page: 'handover' },
  login: { page: 'login' },
};

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of an incident's page. */
export function incidentPath(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`;
}

/** The address of a host's page. */
export function hostPath(host: string): string {
  return `/hosts/${encodeURIComponent(host)}`;
}

/** The page of a catalogue entry. */
export function cataloguePath(entry: string): string {
  return `/catalogue/${encodeURIComponent(entry)}`;
}

/** The form for a silence with these matchers. */
export function newSilencePath(matchers: readonly string[]): string {
  const query = matchers.map((matcher) => `matcher=${encodeURIComponent(matcher)}`).join('&');
  return `/silences/new${query === '' ? '' : `?${query}`}`;
}

/** The form for a silence of one incident. */
export function silencePath({ id }: { readonly id: string }): string {
  return newSilencePath([`incident_id="${id}"`]);
}
