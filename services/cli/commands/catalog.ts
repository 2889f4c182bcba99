// `foghorn catalog …`: looks into the catalogue, tries it on events, and turns a vendor's article
// into a draft.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pageText } from '../../../shared/catalog/articles/page-bytes.ts';
import { type Draft, type ImportResult, importArticles } from '../../../shared/catalog/import.ts';
import { warningsOf } from '../../../shared/catalog/lint.ts';
import { parseCatalog, pathText } from '../../../shared/catalog/load.ts';
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { catalogError, loadCatalogFolders, readCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { entryText } from '../catalog/entry-text.ts';
import { catalogHtml } from '../catalog/page.ts';
import { tryEvents } from '../catalog/try-events.ts';
import { type OptionActions, readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { oneLine } from '../terminal.ts';
import { pick } from '../words.ts';

const OPTIONS = {
  folder: { type: 'string', multiple: true },
  out: { type: 'string' },
  source: { type: 'string' },
} as const;

const OPTION_ACTIONS: OptionActions = {
  folder: ['lint', 'list', 'show', 'test', 'page'],
  out: ['import', 'page'],
  source: ['import'],
};
const WITHOUT_SUBJECT: ReadonlySet<string> = new Set(['lint', 'list', 'page']);

/** The verb. */
export const catalogCommand: Command = {
  summary: 'list, show, check and try the catalogue of faults, and import articles',
  usage: [
    'foghorn catalog [--folder FOLDER]… lint | list | show ID | test FILE | import FILE | page',
    '',
    '  lint          checks every entry, alone and against the others, and warns of long lists of steps without a key step',
    '  list          one line an entry',
    '  show ID       an entry in full',
    '  test FILE     which entry each event of a file matches (event XML, JSON or .evtx), and the filled remediation',
    '  import FILE   a vendor’s article, index or list of messages, as text, Markdown or a saved HTML page, as drafts of',
    '                entries, to the output or, with --out FOLDER, to files; --source NAME for pages that do not name',
    '                the provider',
    '  page          the whole catalogue as one HTML page, to the output or, with --out FILE, to a file',
    '',
    '  --folder      entries of your own beside the built-in ones',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, OPTION_ACTIONS);
    const [action = '', ...subjects] = positionals;
    const [subject] = subjects;
    const run = pick(ACTIONS, action);
    if (run === undefined)
      throw new UsageError(
        `catalog ${action}: say lint, list, show, test, import or page.${didYouMean(action, Object.keys(ACTIONS))}`,
      );
    const most = WITHOUT_SUBJECT.has(action) ? 0 : 1;
    if (subjects.length > most)
      throw new UsageError(`catalog ${action} does not know what ${subjects[most]} is for; --folder names a folder.`);
    return await run({ subject, folders: values.folder ?? [], out: values.out, source: values.source, io });
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
    const files = await readCatalogFolders(folders);
    const result = parseCatalog(files);
    const { entries } = result.kind === 'catalog' ? result.catalog : result;
    const folderNames = new Set(files.map(({ name }) => dirname(name)));
    const warnings = [
      ...folders
        .filter((folder) => !folderNames.has(dirname(join(folder, 'entry.yaml'))))
        .map((folder) => `${folder} has no file that ends with .yaml or .yml; the folders in it are not read`),
      ...entries.flatMap((entry) =>
        warningsOf(entry).map(({ path, message }) => `${entry.id}: ${pathText(path)}: ${message}`),
      ),
    ];
    for (const warning of warnings) io.err(`warning: ${warning}`);
    if (result.kind === 'errors') throw catalogError(result.errors);
    const count = warnings.length;
    io.out(`${entries.length} entries, ${count === 0 ? 'no problem' : `${count} warning${count === 1 ? '' : 's'}`}.`);
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
    await importFile(await readFile(required(subject, 'the text of an article')), request),
};

function required(subject: string | undefined, what: string): string {
  if (subject === undefined) throw new UsageError(`Name ${what}.`);
  return subject;
}

function listLine({ id, provider, eventIds, kind, severity, name }: CatalogEntry): string {
  const what = `${provider.name} ${eventIds.length === 0 ? '(no id)' : eventIds.join(',')}`;
  return `${id.padEnd(44)} ${oneLine(what).padEnd(36)} ${(kind === 'fault' ? severity : kind).padEnd(12)} ${oneLine(name)}`;
}

async function importFile(bytes: Buffer, { out, source, io }: Omit<Request, 'subject'>): Promise<number> {
  const page = pageText(bytes);
  if (page.kind === 'refused') {
    io.err(`No draft: ${page.reason}.`);
    return 1;
  }
  if (page.remark !== undefined) io.err(`to look at: ${page.remark}`);
  const today = new Date().toISOString().slice(0, 10);
  const results = importArticles(page.text, { today, ...(source === undefined ? {} : { source }) });
  const drafts = results.filter(({ kind }) => kind === 'draft').length;
  if (drafts > 1 && out === undefined)
    throw new UsageError(`The file holds ${drafts} articles; name a folder for their drafts with --out.`);
  let kept = 0;
  for (const result of results) {
    showRest(result, io);
    if (result.kind === 'draft' && (await keepDraft(result.draft, out, io))) kept += 1;
  }
  return kept === results.length ? 0 : 1;
}

/** What is not in a draft. */
function showRest(result: ImportResult, io: CommandIo): void {
  if (result.kind === 'draft') {
    for (const line of result.draft.unread) io.err(`not read: ${line}`);
    return;
  }
  for (const line of result.unread) io.err(`on the page: ${line}`);
  const advice = result.lacksSource ? ' Give the source with --source NAME, as the events name their provider.' : '';
  io.err(`No draft: ${result.reason}. Nothing is guessed.${advice}`);
}

/**
 * Prints a draft or writes its file. False when there is such a file: a person may have worked on
 * it.
 */
async function keepDraft({ id, yaml, gaps }: Draft, out: string | undefined, io: CommandIo): Promise<boolean> {
  if (out === undefined) {
    io.out(yaml);
    return true;
  }
  const file = join(out, `${id}.yaml`);
  await mkdir(out, { recursive: true });
  try {
    await writeFile(file, yaml, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    io.err(`${file} exists and was left as it is; name another folder with --out, or move the file.`);
    return false;
  }
  io.out(`${file} written: ${gaps.length} gaps to look at`);
  return true;
}
