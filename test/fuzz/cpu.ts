// CPU time of a piece of work: unlike the clock's it does not grow with what else the machine does.

const MICROSECONDS = 1000;

/**
 * Milliseconds of CPU time that the process spent while `work` ran, garbage collection included.
 */
export function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MICROSECONDS;
}
