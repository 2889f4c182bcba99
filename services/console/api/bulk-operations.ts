// The operations on many incidents at once: one command for each that a filter matches, and how far
// it is.
import { z } from '@hono/zod-openapi';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { type BulkJobs, bulkProgressView } from '../change/bulk-jobs.ts';
import type { CommandSender } from '../change/command-sender.ts';
import { anyIncidentCommand, incidentCommandOf } from '../change/incident-commands.ts';
import { incidentFilter } from '../read/incident-filter.ts';
import type { Reader } from '../read/reader.ts';
import type { IncidentRef } from '../read/views.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';
import { askerOf, requesterOf } from './submit.ts';

/** What the operations use. */
export interface BulkParts {
  readonly reader: Reader;
  readonly sender: CommandSender;
  readonly bulkJobs: BulkJobs;
  /** The most incidents that one bulk request changes. */
  readonly maxBulk: number;
}

/** The answer to a bulk request. */
export const bulkAnswer = z.object({
  matched: z.int(),
  dryRun: z.boolean(),
  commands: z.array(z.object({ incidentId: z.string(), commandId: z.string() })),
  bulkId: z.string().optional().meta({ description: 'Of the job; GET /api/v1/bulk/{id} says how far it is.' }),
  hosts: z.int().optional().meta({ description: 'Of a dry run: the number of hosts; above 3,000 nearly exact.' }),
  bySeverity: z.partialRecord(z.enum(SEVERITIES), z.int()).optional().meta({ description: 'Of a dry run.' }),
  byState: z.partialRecord(z.string(), z.int()).optional().meta({ description: 'Of a dry run.' }),
  notified: z
    .array(z.object({ receiver: z.string(), incidents: z.int() }))
    .optional()
    .meta({
      description: 'Of a dry run: receivers that were notified of some of them, and so may be of the change.',
    }),
});

const bulkIncidents = operation({
  method: 'post',
  path: '/api/v1/incidents/bulk',
  operationId: 'bulkIncidents',
  summary: 'Does one thing to all incidents that match a filter; each in the episode it is in now',
  scope: 'operate',
  body: z.strictObject({
    filter: incidentFilter
      .refine((filter) => Object.values(filter).some((value) => value !== undefined && value !== ''), {
        error: 'ask for something: an empty filter would take everything',
      })
      .meta({
        description:
          'As the query of GET /api/v1/incidents, without order and paging; at least one field. Lists may be arrays: id takes up to 10,000, group the id of a digest.',
      }),
    action: anyIncidentCommand.meta({
      description:
        'kind (acknowledge, unacknowledge, resolve, reopen, assign, note, snooze) and the fields of its body.',
    }),
    dryRun: z
      .boolean()
      .default(true)
      .meta({ description: 'Only counts, by severity, host and receiver. Say false to do it.' }),
    expect: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'The number that the dry run counted; when it is another one now, nothing is done.' }),
  }),
  answers: { 200: bulkAnswer, 202: bulkAnswer, 400: problem, 409: problem, 422: problem },
});

const showBulk = operation({
  method: 'get',
  path: '/api/v1/bulk/{id}',
  operationId: 'showBulk',
  summary: 'Shows how far a bulk request is, with the reason of each refusal; for an hour, at the console that took it',
  scope: 'read',
  answers: { 200: bulkProgressView, 404: problem },
});

/** Adds the operations. */
export function addBulkOperations(api: Api, { reader, sender, bulkJobs, maxBulk }: BulkParts): void {
  api.openapi(bulkIncidents, async (c) => {
    const { filter, action, dryRun, expect } = c.req.valid('json');
    if (dryRun) {
      const { total, ...counts } = await reader.preview(filter, askerOf(c));
      return c.json({ matched: total, dryRun, commands: [], ...counts });
    }
    const refs: IncidentRef[] = [];
    for await (const page of reader.refs(filter, askerOf(c))) refs.push(...page);
    const total = refs.length;
    if (expect !== undefined && expect !== total)
      throw new Refusal(409, 'other_count', `${total} incidents match, not ${expect}; nothing was done.`);
    if (total > maxBulk)
      throw new Refusal(
        422,
        'too_many',
        `${total} incidents match, more than ${maxBulk} (console.maxBulk); narrow the filter.`,
      );
    if (total === 0) return c.json({ matched: 0, dryRun, commands: [] }, 202);
    const prepared = sender.prepare(
      refs.map((ref) => incidentCommandOf(action.kind, ref, action)),
      requesterOf(c),
    );
    const bulkId = await bulkJobs.start(prepared);
    const commands = prepared.map(({ id, incidentId }) => ({ incidentId, commandId: id }));
    return c.json({ matched: total, dryRun, commands, bulkId }, 202);
  });
  api.openapi(showBulk, (c) => {
    const { id } = c.req.valid('param');
    const progress = bulkJobs.progress(id);
    if (progress === undefined)
      throw new Refusal(
        404,
        'no_bulk',
        'There is no such bulk request here: it is over for an hour, the console was started anew, or another console took it.',
      );
    return c.json(progress);
  });
}
