// CPU time and memory of processes: services by their own metrics, all others as Linux counts them.
// https://man7.org/linux/man-pages/man5/proc.5.html
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import { metricSum, type ServiceProcess } from '../support/service-process.ts';

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** A process that is measured. */
export interface Program {
  readonly name: string;
  usage(): Promise<Usage>;
}

/**
 * https://github.com/elastic/elasticsearch/blob/main/server/src/main/java/org/elasticsearch/monitor/process/ProcessService.java
 */
const ELASTICSEARCH_LOOKS_EVERY_MS = 1000;
/** Of Linux: the unit of CPU time in /proc. */
const TICKS_A_SECOND = 100;
/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';

/** What this process has used so far; its memory is what it has now. */
export function usageOfThis(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1_000_000, peakMegabytes: process.memoryUsage().rss / 1_048_576 };
}

/**
 * What a service has used so far, CPU by its own account, and its peak memory where the system
 * reports it (Linux), else what it has now.
 */
export async function usageOf(service: ServiceProcess): Promise<Usage> {
  return {
    cpuSeconds: await metricSum(service, 'process_cpu_seconds_total'),
    peakMegabytes: peakOf(service.pid()) ?? (await metricSum(service, 'process_resident_memory_bytes')) / 1_048_576,
  };
}

/** A service as a measured process. */
export function programOf(service: ServiceProcess): Program {
  return { name: service.name, usage: () => usageOf(service) };
}

/** What a process of this machine has used so far. Throws where there is none, or no Linux. */
export function usageOfProcess(pid: number): Usage {
  return { cpuSeconds: cpuSecondsOf(pid), peakMegabytes: peakOf(pid) ?? 0 };
}

/**
 * What the Elasticsearch nodes have used so far. On a machine that it shares with us it includes
 * work that is not ours. Takes a second: so seldom a node looks at itself.
 */
export async function elasticsearchCpuSeconds(elasticsearch: Client): Promise<number> {
  await delay(ELASTICSEARCH_LOOKS_EVERY_MS + 100);
  const { nodes } = await elasticsearch.nodes.stats({ metric: 'process' });
  return Object.values(nodes).reduce((sum, { process }) => sum + (process?.cpu?.total_in_millis ?? 0), 0) / 1000;
}

/**
 * What the processes of this machine that listen on these addresses (host:port) have used so far.
 * Undefined where that is not known: another machine, another system.
 */
export function cpuSecondsOfListeners(addresses: readonly string[]): number | undefined {
  try {
    return addresses.reduce((sum, address) => sum + cpuSecondsOf(listenerOn(Number(address.split(':').at(-1)))), 0);
  } catch {
    return undefined;
  }
}

function cpuSecondsOf(pid: number): number {
  const columns = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  // Of proc_pid_stat(5) the fields 14 and 15, utime and stime.
  return (Number(columns[11]) + Number(columns[12])) / TICKS_A_SECOND;
}

function peakOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function listenerOn(port: number): number {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => socketsOn(port, table)));
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/u.test(name) && openFiles(name).some((file) => sockets.has(file)),
  );
  if (pid === undefined) throw new Error(`No process of this user listens on port ${port}.`);
  return Number(pid);
}

function socketsOn(port: number, table: string): readonly string[] {
  const rows = readFileSync(`/proc/net/${table}`, 'latin1').split('\n').slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/u);
    const isOurs = columns[3] === LISTENING && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port;
    return isOurs ? [`socket:[${columns[9]}]`] : [];
  });
}

/** Empty for a process that has ended, or is another user's. */
function openFiles(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((file) => readlinkSync(`/proc/${pid}/fd/${file}`));
  } catch {
    return [];
  }
}
