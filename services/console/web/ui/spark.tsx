// How many in each five minutes of the last hour, as bars.
import type { JSX } from 'preact';

interface SparkProps {
  /** The oldest first. */
  readonly counts: readonly number[];
  /** What is counted, e.g. `began`. */
  readonly what: string;
  /** Of a bar with its gap, in pixels. */
  readonly bar?: number;
}

const HEIGHT = 16;

/** The bars. */
export function Spark({ counts, what, bar = 4 }: SparkProps): JSX.Element {
  const most = Math.max(1, ...counts);
  const sum = counts.reduce((all, count) => all + count, 0);
  const label = `${sum.toLocaleString('en')} ${what} in the last hour`;
  return (
    <svg class="spark" width={counts.length * bar} height={HEIGHT} role="img" aria-label={label}>
      {counts.map((count, index) => {
        const height = count === 0 ? 1 : Math.max(2, (count / most) * HEIGHT);
        return <rect key={index} x={index * bar} y={HEIGHT - height} width={bar - 1} height={height} />;
      })}
    </svg>
  );
}
