// A bar on a terminal, written over itself; elsewhere nothing until the end.
import type { CommandIo } from '../command.ts';

/** What has been done with a file so far. */
export interface Counts {
  readonly sent: number;
  readonly unreadable: number;
  readonly rejected: number;
}

const BAR_WIDTH = 24;

/** Shows how far a file is; `share` is 0 to 1. */
export function showProgress(
  io: CommandIo,
  name: string,
  { share, counts }: { readonly share: number; readonly counts: Counts },
): void {
  if (!io.isTerminal) return;
  const filled = Math.round(Math.min(1, share) * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  io.err(`\r${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${name}: ${countsText(counts)}`);
}

/** Ends the bar's line and writes a file's last word. */
export function showResult(io: CommandIo, name: string, counts: Counts): void {
  if (io.isTerminal) io.err('\r');
  io.out(`${name}: ${countsText(counts)}`);
}

function countsText({ sent, unreadable, rejected }: Counts): string {
  const parts = [`${sent} sent`];
  if (unreadable > 0) parts.push(`${unreadable} unreadable`);
  if (rejected > 0) parts.push(`${rejected} rejected`);
  return parts.join(', ');
}
