// A small menu below a word; Escape and a click elsewhere close it.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface MenuProps {
  readonly name: string;
  readonly kind: string;
  readonly children: ComponentChildren;
}

/** The word and what it opens. */
export function Menu({ name, kind, children }: MenuProps): JSX.Element {
  const box = useRef<HTMLDetailsElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || box.current?.open !== true) return;
    // It is for the menu alone.
    event.preventDefault();
    box.current.open = false;
    box.current.querySelector('summary')?.focus();
  };
  const onFollow = ({ target }: MouseEvent): void => {
    if (box.current !== null && target instanceof Element && target.closest('a') !== null) box.current.open = false;
  };
  useEffect(() => {
    const closeOutside = ({ target }: PointerEvent): void => {
      if (box.current !== null && target instanceof Node && !box.current.contains(target)) box.current.open = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, []);
  return (
    <details class={`menu ${kind}`} ref={box} onKeyDown={onKeyDown}>
      <summary>{name}</summary>
      <ul onClick={onFollow}>{children}</ul>
    </details>
  );
}
