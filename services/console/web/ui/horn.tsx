// The sign of Foghorn.
import type { JSX } from 'preact';

/** Beside the name. */
export function Horn(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
      <path d="M6 13h5l9-5v16l-9-5H6z" fill="currentColor" />
      <path d="M23.5 12a6 6 0 0 1 0 8M26 9a10 10 0 0 1 0 14" class="sound" />
    </svg>
  );
}
