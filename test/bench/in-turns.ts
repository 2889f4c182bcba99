// Whoever is compared takes turns with the others: Kafka and Elasticsearch take twice as long for
// their first documents as for the millionth, so one after the other would compare their warmth.
import type { Part, Result } from './report.ts';

/** One turn; the first has the number 0. */
export type TakeTurn = (turn: number) => Promise<Result>;

/**
 * Turns of each until the servers are as fast as they get; the first ones take up to three times as
 * long.
 */
const WARM_UP = 2;

/** So many turns of each, after some that count for nothing; gives one result for each. */
export async function inTurns(takers: readonly TakeTurn[], turns: number): Promise<readonly Result[]> {
  const all = takers.map((take) => ({ take, results: [] as Result[] }));
  for (let turn = 0; turn < WARM_UP + turns; turn += 1) {
    // Who comes later finds the servers a little warmer.
    for (const { take, results } of turn % 2 === 0 ? all : all.toReversed()) results.push(await take(turn));
  }
  return all.flatMap(({ results }) => together(results.slice(WARM_UP)));
}

/**
 * Several turns as one: what else the machine does meanwhile, and makes single turns half as fast,
 * falls on all alike.
 */
function together(turns: readonly Result[]): readonly Result[] {
  const [first] = turns;
  if (first === undefined) return [];
  const sum = (of: (turn: Result) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  const sumKnown = (key: 'kafkaCpuSeconds' | 'serverCpuSeconds') =>
    first[key] === undefined ? {} : { [key]: sum((turn) => turn[key] ?? 0) };
  return [
    {
      ...first,
      events: sum(({ events }) => events),
      seconds: sum(({ seconds }) => seconds),
      cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
      ...sumKnown('kafkaCpuSeconds'),
      ...sumKnown('serverCpuSeconds'),
      peakMegabytes: Math.max(...turns.map(({ peakMegabytes }) => peakMegabytes)),
      ...(first.parts === undefined ? {} : { parts: first.parts.map((_, place) => partOf(turns, place)) }),
    },
  ];
}

function partOf(turns: readonly Result[], place: number): Part {
  const parts = turns.flatMap((turn) => turn.parts?.[place] ?? []);
  return {
    name: parts[0]?.name ?? '',
    cpuSeconds: parts.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
    peakMegabytes: Math.max(...parts.map(({ peakMegabytes }) => peakMegabytes)),
  };
}
