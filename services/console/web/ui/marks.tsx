// Small marks that say the same everywhere: how bad, in which state, when.
import type { JSX } from 'preact';
import type { IncidentView, Severity } from '../api/types.ts';
import { usePage } from '../context.ts';
import { bothMoments, momentText, shortSpan, spanText } from '../model/time-text.ts';

const SHAPES: Readonly<Record<Severity, string>> = {
  critical: 'M7 .5 13.5 7 7 13.5.5 7z',
  error: 'M1.5 1.5h11v11h-11z',
  warning: 'M7 1 13.5 12.5H.5z',
  info: 'M7 1a6 6 0 1 0 0 12A6 6 0 1 0 7 1z',
};

/** How bad: colour, shape and word. */
export function SeverityMark({ severity }: { readonly severity: string }): JSX.Element {
  const known = Object.hasOwn(SHAPES, severity) ? (severity as Severity) : 'info';
  return (
    <span class={`severity ${known}`}>
      <svg viewBox="0 0 14 14" width="11" height="11" aria-hidden="true">
        <path d={SHAPES[known]} fill="currentColor" />
      </svg>
      <span>{severity}</span>
    </span>
  );
}

/** The state of an incident, and who made it so. */
export function StateMark({ incident }: { readonly incident: IncidentView }): JSX.Element {
  const { state, acknowledgedBy, resolvedBy } = incident;
  const by = state === 'acknowledged' ? acknowledgedBy : state === 'resolved' ? resolvedBy : undefined;
  return (
    <span class={`state ${state}`} title={by === undefined ? undefined : `by ${by}`}>
      {state === 'acknowledged' ? 'acked' : state}
    </span>
  );
}

/** A moment in the reader's zone, both zones in its tooltip. */
export function Moment({ at }: { readonly at: string }): JSX.Element {
  const { zone, now } = usePage();
  return (
    <time dateTime={at} title={bothMoments(at, zone)}>
      {momentText(at, now, zone)}
    </time>
  );
}

/** How long ago. */
export function Age({ at, isShort = false }: { readonly at: string; readonly isShort?: boolean }): JSX.Element {
  const { zone, now } = usePage();
  const ms = now - Date.parse(at);
  return (
    <time dateTime={at} title={bothMoments(at, zone)}>
      {isShort ? shortSpan(ms) : spanText(ms)}
    </time>
  );
}
