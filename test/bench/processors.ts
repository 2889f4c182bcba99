// Elasticsearch on processors of its own: what a machine of its own would be, so that it alone
// bounds what can be indexed.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Client } from '@elastic/elasticsearch';

/** Gives everything all processors again. */
export type Undo = () => void;

/**
 * Gives the local Elasticsearch one half of the processors and this process with all that it
 * started the other. Undefined where that cannot be done: without `taskset` (Linux's own), with a
 * single processor, or with an Elasticsearch that is not a child of this process.
 */
export async function setApart(elasticsearch: Client): Promise<Undo | undefined> {
  const count = availableParallelism();
  const ours = [process.pid, ...descendantsOf(process.pid)];
  const { nodes } = await elasticsearch.nodes.info({ metric: 'process' });
  const server = Object.values(nodes)[0]?.process?.id;
  if (count < 2 || server === undefined || !ours.includes(server)) return undefined;
  const half = Math.floor(count / 2);
  const isDone = ours.every((pid) => allow(pid, pid === server ? `${half}-${count - 1}` : `0-${half - 1}`));
  const undo = (): void => {
    for (const pid of [process.pid, ...descendantsOf(process.pid)]) allow(pid, `0-${count - 1}`);
  };
  if (isDone) return undo;
  undo();
  return undefined;
}

/**
 * All threads of a process, those that begin later too.
 * https://man7.org/linux/man-pages/man1/taskset.1.html
 */
function allow(pid: number, processors: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)]).status === 0;
}

/**
 * By the parents that Linux reports; nothing elsewhere.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function descendantsOf(ancestor: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of pids()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (const next = [ancestor]; next.length > 0; ) {
    const own = children.get(next.pop() as number) ?? [];
    found.push(...own);
    next.push(...own);
  }
  return found;
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  try {
    // The name in brackets may hold anything; what follows the last bracket is state and parent.
    const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
