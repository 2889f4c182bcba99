// Many incidents at once, by the API's bulk requests: first a count, then the commands and what
// becomes of each.
import type { Act } from './acts.ts';
import { ask } from './api/client.ts';
import type { BulkFilter } from './model/filter-address.ts';
import type { BulkAnswer, BulkProgress, IncidentPage } from './api/types.ts';

/** What can be done to many. */
export type ManyAct = Exclude<Act, { readonly kind: 'step' | 'probe' }>;

/** What it would change, counted before it is done. */
export interface BulkPlan {
  readonly parts: readonly { readonly filter: BulkFilter; readonly matched: number }[];
  readonly total: number;
  readonly hosts: number;
  readonly bySeverity: ReadonlyMap<string, number>;
  /** Receivers that were notified of some of them. */
  readonly notified: readonly string[];
}

/** How far the commands are. */
export interface BulkState {
  readonly done: number;
  /** Stored, or still to be stored, and nothing is known of them yet. */
  readonly pending: number;
  /** Reasons of refusal, and of how many. */
  readonly refused: ReadonlyMap<string, number>;
  /** What was done, as far as each refusal is known; undefined where it is not. */
  readonly doneIds: readonly string[] | undefined;
}

const PATH = '/api/v1/incidents/bulk';

/** Counts what the filters match. Throws ApiError. */
export async function planOf(filters: readonly BulkFilter[]): Promise<BulkPlan> {
  const answers: { readonly filter: BulkFilter; readonly answer: BulkAnswer }[] = [];
  for (const filter of filters)
    answers.push({
      filter,
      answer: await ask<BulkAnswer>(PATH, { method: 'POST', body: { filter, action: { kind: 'acknowledge' } } }),
    });
  const bySeverity = new Map<string, number>();
  for (const { answer } of answers)
    for (const [severity, count = 0] of Object.entries(answer.bySeverity ?? {}))
      bySeverity.set(severity, (bySeverity.get(severity) ?? 0) + count);
  return {
    parts: answers.map(({ filter, answer: { matched } }) => ({ filter, matched })),
    total: sumOf(answers, ({ answer }) => answer.matched),
    hosts: sumOf(answers, ({ answer }) => answer.hosts ?? 0),
    bySeverity,
    notified: [...new Set(answers.flatMap(({ answer }) => (answer.notified ?? []).map(({ receiver }) => receiver)))],
  };
}

/** Does it, part after part. Throws ApiError when a part is refused as a whole. */
export async function runBulk(
  act: ManyAct,
  { parts }: Pick<BulkPlan, 'parts'>,
  onState: (state: BulkState) => void,
): Promise<BulkState> {
  let before: BulkState = { done: 0, pending: 0, refused: new Map(), doneIds: [] };
  for (const { filter, matched } of parts) {
    const body = { filter, action: act, dryRun: false, expect: matched };
    const { commands, bulkId } = await ask<BulkAnswer>(PATH, { method: 'POST', body });
    if (bulkId === undefined) continue;
    const ids = commands.map(({ incidentId }) => incidentId);
    const earlier = before;
    before = await follow(bulkId, (progress) => {
      const state = withProgress(earlier, progress, ids);
      onState(state);
      return state;
    });
  }
  return before;
}

const LOOK_MS = 700;
/** Without any outcome for so long the rest is shown as taken. */
const QUIET_MS = 60_000;

async function follow(bulkId: string, onProgress: (progress: BulkProgress) => BulkState): Promise<BulkState> {
  let known = -1;
  let quietSince = performance.now();
  for (;;) {
    const progress = await ask<BulkProgress>(`/api/v1/bulk/${encodeURIComponent(bulkId)}`);
    const state = onProgress(progress);
    const outcomes = progress.done + progress.refused;
    if (outcomes !== known) quietSince = performance.now();
    known = outcomes;
    if (progress.isFinished || performance.now() - quietSince > QUIET_MS) return state;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Counts of an earlier part and of this one together. */
function withProgress(
  earlier: BulkState,
  { done, pending, unsent, refused: refusedCount, refusals, error }: BulkProgress,
  ids: readonly string[],
): BulkState {
  const refused = new Map(earlier.refused);
  const add = (reason: string, count: number): void => void refused.set(reason, (refused.get(reason) ?? 0) + count);
  for (const { reason } of refusals) add(reason, 1);
  if (refusedCount > refusals.length) add('other reasons', refusedCount - refusals.length);
  if (error !== undefined) add(error, unsent);
  const waiting = pending + (error === undefined ? unsent : 0);
  const without = new Set(refusals.map(({ incidentId }) => incidentId));
  const isKnown = waiting === 0 && error === undefined && refusedCount === refusals.length;
  return {
    done: earlier.done + done,
    pending: earlier.pending + waiting,
    refused,
    doneIds:
      isKnown && earlier.doneIds !== undefined
        ? [...earlier.doneIds, ...ids.filter((id) => !without.has(id))]
        : undefined,
  };
}

const PAGE = 500;

/** Who takes care of each, so that it can be given back; by the owner, empty for nobody. */
export async function ownersOf({ parts }: Pick<BulkPlan, 'parts'>): Promise<ReadonlyMap<string, readonly string[]>> {
  const owners = new Map<string, string[]>();
  for (const { filter } of parts) {
    const query = new URLSearchParams({ sort: 'opened', limit: String(PAGE) });
    if ('q' in filter) query.set('q', filter.q);
    else query.set('id', filter.id.join(','));
    for (;;) {
      const { incidents, nextCursor } = await ask<IncidentPage>(`/api/v1/incidents?${query}`);
      for (const { id, assignee = '' } of incidents) owners.set(assignee, [...(owners.get(assignee) ?? []), id]);
      if (nextCursor === undefined) break;
      query.set('cursor', nextCursor);
    }
  }
  return owners;
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
