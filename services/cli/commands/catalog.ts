// `foghorn catalog …`: looks into the catalogue, tries it on events, and turns a vendor's article into a draft.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importArticles } from '../../../shared/catalog/import.ts';
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { loadCatalogFolders } from '../../enricher/catalog-files.ts';
import { entryText } from '../catalog/entry-text.ts';
import { catalogHtml } from '../catalog/page.ts';
import { tryEvents } from '../catalog/try-events.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { oneLine } from '../terminal.ts';
import { pick } from '../words.ts';

/** The verb. */
export const catalogCommand: Command = {
  summary: 'list, show, check and try the catalogue of faults, and import articles',
  usage: [
    'foghorn catalog [--folder FOLDER]… lint | list | show ID | test FILE | import FILE | page',
    '',
    '  lint          checks every entry, alone and against the others',
    '  list          one line an entry',
    '  show ID       an entry in full',
    '  test FILE     which entry each event of a file matches (event XML, JSON or .evtx), and the filled remediation',
    '  import FILE   the text of a vendor’s article, index or list of messages as drafts of entries, to the output or,',
    '                with --out FOLDER, to files; --source NAME for pages that do not name the provider',
    '  page          the whole catalogue as one HTML page, to the output or, with --out FILE, to a file',
    '',
    '  --folder      entries of your own beside the built-in ones',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        folder: { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
        source: { type: 'string' },
      },
    });
    const [action = '', subject] = positionals;
    const run = pick(ACTIONS, action);
    if (run === undefined)
      throw new UsageError(
        `catalog ${action}: say lint, list, show, test, import or page.${didYouMean(action, Object.keys(ACTIONS))}`,
      );
    return await run({ subject, folders: values.folder, out: values.out, source: values.source, io });
  },
};

interface Request {
  readonly subject: string | undefined;
  readonly folders: readonly string[];
  readonly out: string | undefined;
  readonly source: string | undefined;
  readonly io: CommandIo;
}

const ACTIONS: Readonly<Record<string, (request: Request) => Promise<number>>> = {
  lint: async ({ folders, io }) => {
    // Loading is checking: it throws with every fault.
    const { entries } = await loadCatalogFolders(folders);
    io.out(`${entries.length} entries, no fault.`);
    return 0;
  },
  list: async ({ folders, io }) => {
    for (const entry of (await loadCatalogFolders(folders)).entries) io.out(listLine(entry));
    return 0;
  },
  show: async ({ subject, folders, io }) => {
    const { entries } = await loadCatalogFolders(folders);
    const entry = entries.find(({ id }) => id === subject);
    if (entry === undefined)
      throw new UsageError(
        `There is no entry ${subject ?? ''}; catalog list shows them.${didYouMean(
          subject ?? '',
          entries.map(({ id }) => id),
        )}`,
      );
    io.out(entryText(entry));
    return 0;
  },
  test: async ({ subject, folders, io }) => {
    const file = required(subject, 'a file with events');
    await tryEvents(file, await loadCatalogFolders(folders), (line) => {
      io.out(line);
    });
    return 0;
  },
  page: async ({ folders, out, io }) => {
    const page = catalogHtml((await loadCatalogFolders(folders)).entries);
    if (out === undefined) io.out(page);
    else {
      await writeFile(out, page);
      io.out(`${out} written.`);
    }
    return 0;
  },
  import: async ({ subject, ...request }) =>
    await importFile(await readFile(required(subject, 'the text of an article'), 'utf8'), request),
};

function required(subject: string | undefined, what: string): string {
  if (subject === undefined) throw new UsageError(`Name ${what}.`);
  return subject;
}

function listLine({ id, provider, eventIds, kind, severity, name }: CatalogEntry): string {
  const what = `${provider.name} ${eventIds.length === 0 ? '(no id)' : eventIds.join(',')}`;
  return `${id.padEnd(44)} ${oneLine(what).padEnd(36)} ${(kind === 'fault' ? severity : kind).padEnd(12)} ${oneLine(name)}`;
}

async function importFile(page: string, { out, source, io }: Omit<Request, 'subject'>): Promise<number> {
  const today = new Date().toISOString().slice(0, 10);
  const results = importArticles(page, { today, ...(source === undefined ? {} : { source }) });
  const drafts = results.filter(({ kind }) => kind === 'draft').length;
  if (drafts > 1 && out === undefined)
    throw new UsageError(`The file holds ${drafts} articles; name a folder for their drafts with --out.`);
  let code = 0;
  for (const result of results) {
    const unread = result.kind === 'draft' ? result.draft.unread : result.unread;
    for (const line of unread) io.err(`${result.kind === 'draft' ? 'not read' : 'on the page'}: ${line}`);
    if (result.kind === 'refused') {
      io.err(`No draft: ${result.reason}. Nothing is guessed.`);
      code = 1;
    } else if (out === undefined) io.out(result.draft.yaml);
    else {
      await writeFile(join(out, `${result.draft.id}.yaml`), result.draft.yaml, { flag: 'wx' });
      io.out(`${join(out, `${result.draft.id}.yaml`)} written: ${result.draft.gaps.length} gaps to look at`);
    }
  }
  return code;
}
