// Rows of known heights, of which only those in sight are drawn.
import type { ComponentChildren, JSX, TargetedEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualProps {
  readonly count: number;
  /** The row that has to be in sight. */
  readonly cursor: number | undefined;
  readonly label: string;
  /** The columns of the rows, as the grid has them. */
  readonly tracks: string;
  readonly children?: ComponentChildren;
  /** Where a row begins, in pixels; that of `count` is the height of all. Grows with the index. */
  topOf(index: number): number;
  /** Draws a row at its place. */
  row(index: number): JSX.Element | undefined;
  /** Called with each row that comes in sight. */
  onReach(index: number): void;
}

const BEYOND = 8;

/** A grid that scrolls by itself; `children` is its head. */
export function VirtualRows(props: VirtualProps): JSX.Element {
  const { count, cursor, label, tracks, children, topOf, row, onReach } = props;
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, size: 900 });
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const measure = (): void => setSight({ top: current.scrollTop, size: current.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);
  useScrollTo(box, cursor, topOf);
  const first = Math.max(0, rowAtTop(sight.top, count, topOf) - BEYOND);
  const last = Math.min(count, rowAtTop(sight.top + sight.size, count, topOf) + 1 + BEYOND);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, place) => first + place);
  useEffect(() => {
    for (const place of places) onReach(place);
  });
  const onScroll = ({ currentTarget }: TargetedEvent<HTMLDivElement>): void =>
    setSight({ top: currentTarget.scrollTop, size: currentTarget.clientHeight });
  return (
    <div
      class="rows"
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      style={{ '--tracks': tracks }}
      onScroll={onScroll}
    >
      {children}
      <div class="rows-body" role="rowgroup" style={{ height: `${topOf(count)}px` }}>
        {places.map(row)}
      </div>
    </div>
  );
}

/** The last row that begins at or above `y`. */
function rowAtTop(y: number, count: number, topOf: (index: number) => number): number {
  let low = 0;
  let high = Math.max(0, count - 1);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (topOf(middle) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Scrolls no further than needed. */
function useScrollTo(
  box: { readonly current: HTMLElement | null },
  cursor: number | undefined,
  topOf: (index: number) => number,
): void {
  useEffect(() => {
    const { current } = box;
    if (current === null || cursor === undefined) return;
    const head = current.querySelector('.row-head')?.clientHeight ?? 0;
    const top = topOf(cursor);
    if (top < current.scrollTop) current.scrollTop = top;
    const hidden = Number.parseFloat(getComputedStyle(current).scrollPaddingBottom) || 0;
    const bottom = topOf(cursor + 1) + head + hidden - current.clientHeight;
    if (bottom > current.scrollTop) current.scrollTop = bottom;
  }, [cursor]);
}
