// One command for all incidents that a filter matches: what it would change, and how far it is.
import { setTimeout as delay } from 'node:timers/promises';
import type { BulkProgress } from '../../console/change/bulk-jobs.ts';
import type { BulkPreview } from '../../console/read/bulk-preview.ts';
import type { CommandIo } from '../command.ts';
import { jsonText, oneLine } from '../terminal.ts';
import type { ConsoleClient } from './client.ts';

/** What is done to which incidents, and whether it is really done. */
export interface BulkRequest {
  readonly client: Pick<ConsoleClient, 'ask'>;
  readonly io: CommandIo;
  readonly filter: Readonly<Record<string, string>>;
  /** The command: `kind` and the fields of its body. */
  readonly action: Readonly<Record<string, unknown>>;
  readonly isConfirmed: boolean;
  readonly isJson: boolean;
  /** How long to wait for what comes of it, milliseconds. */
  readonly waitMs: number;
}

type Counted = Partial<Omit<BulkPreview, 'total'>> & { readonly matched: number; readonly bulkId?: string };

const LOOK_AGAIN_MS = 500;
const MAX_REFUSALS = 20;

/** Counts, and with a confirmation does it. Gives the exit code: 1 where some are refused. */
export async function changeAll(request: BulkRequest): Promise<number> {
  const { client, io, filter, action, isConfirmed, isJson } = request;
  const ask = async (body: Readonly<Record<string, unknown>>): Promise<Counted> =>
    await client.ask<Counted>({ method: 'POST', path: '/api/v1/incidents/bulk', body: { filter, action, ...body } });
  const counted = await ask({ dryRun: true });
  if (!isConfirmed) {
    io.out(isJson ? jsonText(counted) : `${previewText(counted)} Nothing was done: say --yes to do it.`);
    return 0;
  }
  const done = await ask({ dryRun: false, expect: counted.matched });
  io.out(isJson ? jsonText(done) : `${done.matched} commands are accepted.`);
  return done.bulkId === undefined ? 0 : await followUp(request, done.bulkId);
}

async function followUp({ client, io, isJson, waitMs }: BulkRequest, bulkId: string): Promise<number> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    const path = `/api/v1/bulk/${encodeURIComponent(bulkId)}`;
    const progress = await client.ask<BulkProgress>({ method: 'GET', path });
    const isOver = progress.isFinished || performance.now() >= untilMs || io.signal.aborted;
    if (isOver && isJson) io.out(jsonText(progress));
    else if (isOver) for (const line of progressLines(progress)) io.out(line);
    if (isOver) return progress.refused > 0 || progress.error !== undefined ? 1 : 0;
    await delay(LOOK_AGAIN_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

/** `12 incidents match, of 9 hosts: 2 critical, 10 error. Notified of them: slack 12.` */
function previewText({ matched, hosts, bySeverity = {}, notified = [] }: Counted): string {
  const severities = Object.entries(bySeverity).map(([severity, count]) => `${count} ${severity}`);
  const where = hosts === undefined || matched === 0 ? '' : `, of ${hosts} hosts: ${severities.join(', ')}`;
  const who = notified.map(({ receiver, incidents }) => `${oneLine(receiver)} ${incidents}`);
  return `${matched} incidents match${where}.${who.length === 0 ? '' : ` Notified of them: ${who.join(', ')}.`}`;
}

/** `1,312 of 1,988 done, 3 refused, 673 not known yet.`, and the reasons. */
function progressLines({ total, done, refused, pending, unsent, refusals, error }: BulkProgress): readonly string[] {
  const text = (count: number): string => count.toLocaleString('en-US');
  const parts = [
    `${text(done)} of ${text(total)} done`,
    ...(refused > 0 ? [`${text(refused)} refused`] : []),
    ...(pending > 0 ? [`${text(pending)} not known yet`] : []),
    ...(unsent > 0 ? [`${text(unsent)} not sent`] : []),
  ];
  const reasons = refusals
    .slice(0, MAX_REFUSALS)
    .map(({ incidentId, reason }) => `  ${incidentId}: ${oneLine(reason)}`);
  const more = refused > reasons.length ? [`  and ${text(refused - reasons.length)} more`] : [];
  return [`${parts.join(', ')}.`, ...reasons, ...more, ...(error === undefined ? [] : [`Not sent: ${oneLine(error)}`])];
}
