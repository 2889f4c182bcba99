// The operation that gives the catalogue, entry by entry as a page shows it.
import { z } from '@hono/zod-openapi';
import { type EntryPage, entryPages } from '../../../shared/catalog/page-blocks.ts';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { catalogOf, readCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';

const text = z.string();

const block = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('heading'), text }),
  z.object({ kind: z.literal('text'), text }),
  z.object({
    kind: z.literal('list'),
    isOrdered: z.boolean(),
    points: z.array(z.object({ text, url: text.optional(), below: z.array(text), command: text.optional() })),
  }),
]);

const catalogAnswer = z.object({
  entries: z
    .array(
      z
        .object({
          id: text,
          name: text,
          provider: text,
          events: text.meta({ description: 'The event ids, separated by commas; empty where the message decides.' }),
          kind: text,
          severity: z.enum(SEVERITIES).optional().meta({ description: 'Of a fault.' }),
          blocks: z.array(block).meta({ description: 'What the entry says, in the order a person works.' }),
        })
        .openapi('CatalogEntry'),
    )
    .meta({ description: 'By provider and event id.' }),
});

const showCatalog = operation({
  method: 'get',
  path: '/api/v1/catalog',
  operationId: 'showCatalog',
  summary: 'Shows the entries of the catalogue in words',
  scope: 'read',
  answers: { 200: catalogAnswer },
});

interface ReadEntries {
  readonly entries: readonly EntryPage[];
  /** Of the files. */
  readonly state: string;
}

/**
 * Gives the entries of the files as they are now. Changed files with problems are left aside, as
 * the enricher does, which reports them. Throws ConfigError as long as there are no others.
 */
export function createCatalog(folders: readonly string[]): () => Promise<readonly EntryPage[]> {
  let last: ReadEntries | undefined;
  const read = async (): Promise<ReadEntries> => {
    const files = await readCatalogFolders(folders);
    const state = JSON.stringify(files);
    return state === last?.state ? last : { state, entries: entryPages(catalogOf(files).entries) };
  };
  return async () => {
    try {
      last = await read();
    } catch (error) {
      if (last === undefined || !(error instanceof ConfigError)) throw error;
    }
    return last.entries;
  };
}

/** What the operation uses. */
export interface CatalogParts {
  readonly catalog: () => Promise<readonly EntryPage[]>;
}

/** Adds it. */
export function addCatalogOperation(api: Api, { catalog }: CatalogParts): void {
  api.openapi(showCatalog, async (c) => c.json({ entries: await catalog() }));
}
