// The agents there are, and what says of each what became of its events.
import type { Agent } from './agent.ts';
import { FILEBEAT } from './filebeat.ts';
import { GO_LUMBER } from './go-lumber.ts';
import { KCAT } from './kcat.ts';
import { OTELCOL } from './otelcol.ts';
import { RSYSLOG } from './rsyslog.ts';
import { SYSLOG_NG } from './syslog-ng.ts';
import type { Outcome } from './trial.ts';

/** Those of Debian. */
export const DEBIAN_AGENTS: readonly Agent[] = [...RSYSLOG, ...SYSLOG_NG, KCAT];

/** Those that are there within seconds: `npm test` tries them. */
export const QUICK_AGENTS: readonly Agent[] = [...DEBIAN_AGENTS, GO_LUMBER];

/** All of them; `npm run agents` builds those that take minutes. */
export const AGENTS: readonly Agent[] = [...QUICK_AGENTS, ...FILEBEAT, ...OTELCOL];

/** What is lost beyond what the protocol of the agent loses; empty when all is well. */
export function faultsOf({ agent, arrived, sent, lost, givenUp, dropped }: Outcome): readonly string[] {
  const total = lostIn(lost);
  const later = lost.hung.length + lost.away.length;
  const faults = [
    arrived === 0 ? 'nothing arrived' : '',
    arrived + givenUp + total === sent ? '' : `${arrived} ids for ${sent - givenUp - total} record ids`,
  ];
  if (agent.loses === 'nothing' && total > 0) faults.push(`lost: ${rangesOf(lost)}`);
  if (agent.loses === 'in-flight' && lost.well.length + later > 0)
    faults.push(`lost while the collectors ran: ${rangesOf(lost)}`);
  if (agent.loses === 'datagrams' && later > dropped) faults.push(`lost ${later}, counted as dropped ${dropped}`);
  return faults.filter((fault) => fault !== '');
}

/** How many events were lost. */
export function lostIn(lost: Outcome['lost']): number {
  return Object.values(lost).reduce((sum, ids) => sum + ids.length, 0);
}

/** The lost record ids by the time at which the agent got them, e.g. `killed 2001-2140`. */
function rangesOf(lost: Outcome['lost']): string {
  return Object.entries(lost)
    .filter(([, ids]) => ids.length > 0)
    .map(([phase, ids]) => `${phase} ${ids.length} (${ids[0]}-${ids.at(-1)})`)
    .join(', ');
}
