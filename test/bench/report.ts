// The benchmark's table: events per second, CPU seconds per million events, peak memory, and the
// ratio to the ceiling.

/** One of several measured processes. */
export interface Part {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/**
 * One measurement. CPU and memory are those of the measured processes, or of the loop for a
 * ceiling.
 */
export interface Result {
  readonly name: string;
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** Kafka's own. */
  readonly kafkaCpuSeconds?: number;
  /** Elasticsearch's own. */
  readonly serverCpuSeconds?: number;
  /** The name of the ceiling it is compared with. */
  readonly ceiling?: string;
  /** Where several processes are measured together. */
  readonly parts?: readonly Part[];
  readonly note?: string;
}

/** The table as Markdown. */
export function printReport(results: readonly Result[], events: number): string {
  const rows = results.map((result) => {
    const perSecond = result.events / result.seconds;
    const other = results.find(({ name }) => name === result.ceiling);
    const ceiling = other === undefined ? undefined : other.events / other.seconds;
    const ratio =
      ceiling === undefined ? '' : `${Math.round((100 * perSecond) / ceiling)} % of ${result.ceiling ?? ''}`;
    const perMillion = (seconds: number): string => ((seconds * 1_000_000) / result.events).toFixed(1);
    const [kafka, elasticsearch] = [result.kafkaCpuSeconds, result.serverCpuSeconds].map((seconds) =>
      seconds === undefined ? '' : perMillion(seconds),
    );
    const parts = (result.parts ?? []).map(
      ({ name, cpuSeconds, peakMegabytes }) => `${name} ${perMillion(cpuSeconds)} s, ${Math.round(peakMegabytes)} MB`,
    );
    return `| ${result.name} | ${Math.round(perSecond)} | ${perMillion(result.cpuSeconds)} | ${kafka} | ${elasticsearch} | ${Math.round(result.peakMegabytes)} | ${ratio} | ${[result.note ?? '', ...parts].filter(Boolean).join('; ')} |`;
  });
  return [
    '',
    `${events} events of 1.8 kB (Winlogbeat documents), servers and services on the same machine`,
    '',
    '| what | events/s | CPU s per million | Kafka’s | Elasticsearch’s | peak MB | ratio | note |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
