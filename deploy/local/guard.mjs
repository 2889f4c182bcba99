// The guard: a process of its own that reads process ids from its standard input and ends their
// groups when that input ends.
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = 10_000;
const STEP_MS = 100;
const groups = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) groups.add(pid);
  else groups.delete(pid);
}
for (const pid of groups) send(pid, 'SIGTERM');
const end = Date.now() + GRACE_MS;
while ([...groups].some((pid) => send(pid, 0)) && Date.now() < end) await delay(STEP_MS);
for (const pid of groups) send(pid, 'SIGKILL');

/** False when the group is gone. */
function send(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
