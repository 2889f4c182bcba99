// What to do with one or many incidents, and what for: a panel at the bottom that hides no row.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Act } from './acts.ts';
import type { ManyAct } from './bulk.ts';
import { usePage } from './context.ts';
import { tomorrowMorning } from './model/time-text.ts';
import { fieldsOf } from './ui/form.ts';
import { useKeys } from './ui/keys.ts';

/** What is asked for. */
export type ActKind = Exclude<Act['kind'], 'unacknowledge' | 'step' | 'probe'>;

interface ActPanelProps {
  readonly kind: ActKind;
  /** Of how many incidents, and which, for people. */
  readonly about: string;
  /** What changes, before it is done. */
  readonly preview?: string | undefined;
  onAct(act: ManyAct): void;
  onClose(): void;
}

const TITLES: Readonly<Record<ActKind, string>> = {
  acknowledge: 'Acknowledge',
  assign: 'Assign',
  note: 'Add a note',
  snooze: 'Snooze',
  resolve: 'Resolve',
  reopen: 'Reopen',
};

/** The panel. Escape closes it; the focus then goes back to where it was. */
export function ActPanel({ kind, about, preview, onAct, onClose }: ActPanelProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const { now } = usePage();
  const [until, setUntil] = useState('');
  const opener = useRef(document.activeElement);
  // Before the next key is pressed: what is typed belongs into the field.
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    };
  }, []);
  useKeys({ back: onClose });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onAct(actOf(kind, fieldsOf(event.currentTarget as HTMLFormElement), now));
  };
  return (
    <div class="act-panel" role="dialog" aria-label={`${TITLES[kind]}: ${about}`}>
      <form ref={form} onSubmit={submit}>
        <p class="about">
          <strong>{TITLES[kind]}</strong> <span>{about}</span>
          {preview !== undefined && <span class="muted">{preview}</span>}
        </p>
        {kind === 'assign' && (
          <label>
            To
            <input name="assignee" data-first autocomplete="off" maxLength={200} placeholder="a name; empty: nobody" />
          </label>
        )}
        {kind === 'snooze' && <SnoozeChoice until={until} onUntil={setUntil} />}
        {kind === 'note' ? (
          <textarea name="text" data-first required maxLength={2000} rows={2} aria-label="The note" />
        ) : (
          <label>
            Why
            <input
              name="reason"
              data-first={kind === 'assign' || kind === 'snooze' ? undefined : true}
              autocomplete="off"
              maxLength={2000}
              placeholder="kept with the change; may be empty"
            />
          </label>
        )}
        <div class="buttons">
          <button type="submit" class="primary">
            {TITLES[kind]}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </div>
  );
}

function SnoozeChoice({
  until,
  onUntil,
}: {
  readonly until: string;
  readonly onUntil: (until: string) => void;
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>For how long</legend>
      {['1 h', '4 h', 'until tomorrow, 8:00'].map((text, index) => (
        <label key={text}>
          <input
            type="radio"
            name="for"
            value={text}
            data-first={index === 0 ? true : undefined}
            defaultChecked={index === 0}
          />
          {text}
        </label>
      ))}
      <label>
        <input type="radio" name="for" value="custom" checked={until === '' ? undefined : true} />
        until
        <input
          type="datetime-local"
          name="until"
          aria-label="Until"
          onInput={({ currentTarget }) => onUntil(currentTarget.value)}
        />
      </label>
    </fieldset>
  );
}

const HOUR_MS = 3_600_000;

function actOf(kind: ActKind, field: (name: string) => string, now: number): ManyAct {
  const reason = field('reason');
  if (kind === 'assign') return { kind, assignee: field('assignee'), reason };
  if (kind === 'note') return { kind, text: field('text') };
  if (kind !== 'snooze') return { kind, reason };
  const choice = field('for');
  const end =
    choice === 'custom' && field('until') !== ''
      ? new Date(field('until'))
      : choice.startsWith('until')
        ? tomorrowMorning(now)
        : new Date(now + (choice === '4 h' ? 4 : 1) * HOUR_MS);
  return { kind, until: end.toISOString(), reason };
}
