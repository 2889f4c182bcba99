// What a change of many incidents will be, in one sentence. Pure.

/** The counts of a dry run. */
interface Counts {
  readonly bySeverity: ReadonlyMap<string, number>;
  readonly hosts: number;
  /** Receivers. */
  readonly notified: readonly string[];
}

/** By severity and hosts, and who was notified of them. */
export function planText({ bySeverity, hosts, notified }: Counts): string {
  const counts = [...bySeverity]
    .toSorted(([, left], [, right]) => right - left)
    .map(([word, count]) => `${count.toLocaleString('en')} ${word}`)
    .join(', ');
  const where = `${hosts.toLocaleString('en')} ${hosts === 1 ? 'host' : 'hosts'}`;
  const notice = notified.length === 0 ? 'nobody was notified of them' : `notified so far: ${notified.join(', ')}`;
  return `${counts} on ${where}; ${notice}`;
}
