// The typed filter with completion: a combobox.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Completion, completionsAt, type KnownValue } from '../model/completion.ts';
import type { FilterName } from '../../read/filter-fields.ts';

interface FilterBoxProps {
  readonly filter: string;
  readonly field: RefObject<HTMLInputElement | null>;
  valuesOf(field: FilterName): readonly KnownValue[];
  onFilter(filter: string): void;
}

/** The box. Enter filters, Escape leaves it as it was. */
export function FilterBox(props: FilterBoxProps): JSX.Element {
  const { field } = props;
  const { text, found, place, type, choose, close, submit, onKeyDown } = useCompletion(props);
  return (
    <form
      class="filter-box"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label="Filter, for example state:open host:media* port:80"
        aria-autocomplete="list"
        aria-expanded={found.length > 0}
        aria-controls="completions"
        aria-activedescendant={place < 0 ? undefined : `completion-${place}`}
        placeholder="state:open host:media* port:80 words …"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget: { value, selectionStart } }) => type(value, selectionStart ?? value.length)}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      <ul id="completions" role="listbox" aria-label="Ways to go on" hidden={found.length === 0}>
        {found.map((completion, index) => (
          <li
            id={`completion-${index}`}
            key={completion.label}
            role="option"
            aria-selected={index === place}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(completion);
            }}
          >
            <span>{completion.label}</span>
            <span class="muted">{completion.detail}</span>
          </li>
        ))}
      </ul>
    </form>
  );
}

/** What is typed, and the ways to go on. */
function useCompletion({ filter, field, valuesOf, onFilter }: FilterBoxProps) {
  const [text, setText] = useState(filter);
  const [found, setFound] = useState<readonly Completion[]>([]);
  const [place, setPlace] = useState(-1);
  const caret = useRef<number | undefined>(undefined);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);
  const show = (completions: readonly Completion[]): void => {
    setFound(completions);
    setPlace(-1);
  };
  const close = (): void => show([]);
  const type = (typed: string, at: number): void => {
    setText(typed);
    show(completionsAt(typed, at, valuesOf));
  };
  const choose = ({ text: completed, caret: at }: Completion): void => {
    caret.current = at;
    type(completed, at);
    if (!completed.slice(0, at).endsWith(':')) close();
  };
  const submit = (): void => {
    close();
    onFilter(text.trim());
    // Keys are for the list again.
    field.current?.blur();
  };
  const leave = (): void => {
    if (found.length > 0) return close();
    setText(filter);
    return field.current?.blur();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const { key } = event;
    const chosen = found[place];
    const step = STEPS[key];
    if (step !== undefined && found.length > 0) setPlace((place < 0 && step < 0 ? 0 : place) + step);
    else if (chosen !== undefined && (key === 'Enter' || key === 'Tab')) choose(chosen);
    else if (key === 'Enter') submit();
    else if (key === 'Escape') leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const last = found.length - 1;
  const shownPlace = place > last ? 0 : place < -1 ? last : place;
  if (shownPlace !== place) setPlace(shownPlace);
  return { text, found, place: shownPlace, type, choose, close, submit, onKeyDown };
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };
