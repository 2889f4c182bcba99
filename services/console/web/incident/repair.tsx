// The repair and its proof as check-lists; ticks are seen by everybody.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { IncidentView, Remedy, Step } from '../api/types.ts';
import { usePage } from '../context.ts';
import { portOf } from '../model/incident-text.ts';
import { Command, OutLink } from '../ui/boxes.tsx';
import { Moment } from '../ui/marks.tsx';

interface RepairProps {
  readonly incident: IncidentView;
  readonly remedy: Remedy;
  reload(): void;
}

/** Ways to repair it, then how to see that it is repaired. */
export function Repair({ incident, remedy, reload }: RepairProps): JSX.Element {
  const { verification, notes, references, explanation } = remedy;
  return (
    <section class="repair" aria-labelledby="repair">
      <h2 id="repair">Repair</h2>
      {explanation !== undefined && (
        <details>
          <summary>What this fault means</summary>
          <p>{explanation}</p>
        </details>
      )}
      <Ways {...{ incident, remedy, reload }} />
      {verification.length > 0 && (
        <>
          <h3 class="with-button">
            Then check <ProbeButton incident={incident} reload={reload} />
          </h3>
          <Steps list="check" steps={verification} incident={incident} reload={reload} />
        </>
      )}
      {notes.length > 0 && (
        <ul class="remarks">
          {notes.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {references.length > 0 && (
        <p class="references">
          Sources:{' '}
          {references.map(({ title, url }, index) => (
            <span key={title}>
              {index > 0 && ' · '}
              <OutLink url={url} title={title} />
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

/** The ways as tabs; who takes over sees the one that somebody has begun. */
function Ways({ incident, remedy: { options }, reload }: RepairProps): JSX.Element | null {
  const done = options.map((_, place) => doneIn(incident, place));
  const [chosen, setChosen] = useState(() => done.findIndex((count) => count > 0));
  const place = Math.max(0, chosen);
  const option = options[place];
  if (option === undefined) return null;
  const hasTabs = options.length > 1;
  const titles = options.map(({ title, steps }, index) =>
    done[index] === 0 ? title : `${title} (${done[index]} of ${steps.length} done)`,
  );
  return (
    <>
      {hasTabs && <Tabs titles={titles} chosen={place} onChoose={setChosen} />}
      <div
        id="option"
        role={hasTabs ? 'tabpanel' : undefined}
        aria-labelledby={hasTabs ? `option-${place}` : undefined}
      >
        {!hasTabs && <h3>{option.title}</h3>}
        {option.when !== undefined && <p class="muted">{option.when}</p>}
        <Steps list={`repair.${place + 1}`} steps={option.steps} incident={incident} reload={reload} />
      </div>
    </>
  );
}

/** How many steps of a way are ticked. */
function doneIn({ stepsDone = [] }: IncidentView, place: number): number {
  return stepsDone.filter(({ step }) => step.startsWith(`repair.${place + 1}.`)).length;
}

/** Asks the port at once whether the right service answers; the answer is in the time line. */
function ProbeButton({ incident, reload }: Pick<RepairProps, 'incident' | 'reload'>): JSX.Element | null {
  const { acts, person } = usePage();
  const port = portOf(incident);
  if (port === undefined || !person.mayOperate) return null;
  const isPending = acts.pending.has(incident.id);
  const ask = (): void => {
    if (!isPending) void acts.run({ kind: 'probe' }, incident, () => setTimeout(reload, FOLLOW_MS));
  };
  return (
    <button type="button" onClick={ask} aria-disabled={isPending}>
      Ask port {port} now
    </button>
  );
}

interface TabsProps {
  readonly titles: readonly string[];
  readonly chosen: number;
  onChoose(index: number): void;
}

/** https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
function Tabs({ titles, chosen, onChoose }: TabsProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = (chosen + step + titles.length) % titles.length;
    onChoose(next);
    document.querySelector<HTMLElement>(`#option-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Ways to repair it" onKeyDown={onKeyDown}>
      {titles.map((title, index) => (
        <button
          key={index}
          type="button"
          role="tab"
          id={`option-${index}`}
          aria-selected={index === chosen}
          aria-controls="option"
          tabIndex={index === chosen ? 0 : -1}
          onClick={() => onChoose(index)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

interface StepsProps {
  /** What the names of the steps begin with, in the words of the API. */
  readonly list: string;
  readonly steps: readonly Step[];
  readonly incident: IncidentView;
  reload(): void;
}

const FOLLOW_MS = 600;

function Steps({ list, steps, incident, reload }: StepsProps): JSX.Element {
  const { acts, person } = usePage();
  const onTick = (step: string, done: boolean): void =>
    void acts.run({ kind: 'step', step, done }, incident, () => setTimeout(reload, FOLLOW_MS));
  return (
    <ol class="steps">
      {steps.map((step, index) => {
        const name = `${list}.${index + 1}`;
        return (
          <StepRow
            key={name}
            step={step}
            place={index + 1}
            ticked={incident.stepsDone?.find((done) => done.step === name)}
            onTick={person.mayOperate ? (done) => onTick(name, done) : undefined}
          />
        );
      })}
    </ol>
  );
}

interface StepRowProps {
  readonly step: Step;
  readonly place: number;
  readonly ticked: NonNullable<IncidentView['stepsDone']>[number] | undefined;
  readonly onTick: ((isDone: boolean) => void) | undefined;
}

function StepRow({ step, place, ticked, onTick }: StepRowProps): JSX.Element {
  const { text, where, command, privilege, risk, undo } = step;
  return (
    <li class={ticked === undefined ? '' : 'done'}>
      <label>
        <input
          type="checkbox"
          checked={ticked !== undefined}
          disabled={onTick === undefined}
          onChange={({ currentTarget }) => onTick?.(currentTarget.checked)}
        />
        <span class="step-number">{place}.</span>
        <span>{text}</span>
      </label>
      <div class="below">
        {command !== undefined && <Command text={command} />}
        <p class="chips">
          {where !== undefined && <span class="chip">{where}</span>}
          {privilege !== undefined && <span class="chip">as {privilege}</span>}
        </p>
        {risk !== undefined && <p class="risk">Risk: {risk}</p>}
        {undo !== undefined && (
          <details>
            <summary>Undo</summary>
            <p>{undo}</p>
          </details>
        )}
        {ticked !== undefined && (
          <p class="muted">
            done by {ticked.by}, <Moment at={ticked.at} />
          </p>
        )}
      </div>
    </li>
  );
}
