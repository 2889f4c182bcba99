// Whether the page is live, and what became of what was done.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Progress } from '../acts.ts';
import { usePage } from '../context.ts';
import { spanText } from '../model/time-text.ts';

const STATES = { connecting: 'Connecting', live: 'Live', lost: 'Not live', paused: 'Paused' } as const;

/** Pauses and goes on. */
export function LiveButton(): JSX.Element {
  const { live } = usePage();
  const isPaused = live.state === 'paused';
  return (
    <button
      type="button"
      class={`live ${live.state}`}
      aria-pressed={isPaused}
      title={isPaused ? 'Go on with live changes' : 'Pause live changes'}
      onClick={() => live.pause(!isPaused)}
    >
      <span class="dot" aria-hidden="true" /> {STATES[live.state]}
    </button>
  );
}

/** The connection is lost: since when. */
export function LostBar(): JSX.Element | null {
  const { live, now } = usePage();
  if (live.state !== 'lost' || live.lostAt === undefined) return null;
  return (
    <p class="lost-bar" role="status">
      The connection to the console is lost. What you see is at least {spanText(now - live.lostAt)} old; it is read
      again as soon as the console answers.
    </p>
  );
}

const UNDO_MS = 10_000;

/** How far the last act is; when it is over, the way back for ten seconds. */
export function ProgressBar(): JSX.Element | null {
  const { acts } = usePage();
  const { progress, dismiss, undo } = acts;
  const isClean = progress?.isOver === true && progress.refused.size === 0 && progress.pending === 0;
  useEffect(() => {
    if (!isClean) return undefined;
    const timer = setTimeout(dismiss, UNDO_MS);
    return () => clearTimeout(timer);
  }, [isClean, progress?.words, progress?.done]);
  return (
    <div class="toasts" aria-live="polite">
      {progress !== undefined && (
        <div class="toast">
          <p>{progressText(progress)}</p>
          {!progress.isOver && <progress max={progress.total} value={progress.done} aria-label="Done" />}
          {progress.undo !== undefined && (
            <button type="button" onClick={undo}>
              Undo <kbd>u</kbd>
            </button>
          )}
          {progress.isOver && (
            <button type="button" aria-label="Close" onClick={dismiss}>
              ✕
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function progressText({ words, total, done, pending, refused, isOver }: Progress): string {
  const parts = [];
  if (total === 1 && isOver && done === 1) return `${words}.`;
  parts.push(`${words}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} done`);
  if (pending > 0) parts.push(`${pending} taken and not done yet`);
  for (const [reason, count] of refused) parts.push(total === 1 ? `refused: ${reason}` : `${count} refused: ${reason}`);
  return `${parts.join('; ')}.`;
}
