// `foghorn send FILE.evtx …`: reads event log files chunk by chunk and sends their events to a
// collector, resumably.
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorText } from '../../../shared/runtime/errors.ts';
import { parseDuration } from '../../../shared/runtime/duration.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type CommandIo, EXIT_USAGE, UsageError } from '../command.ts';
import { chunksOf, HEADER_BYTES, isEvtx } from '../evtx/chunks.ts';
import { createMissing } from '../evtx/missing.ts';
import { CHUNK_BYTES, createEvtxReader, type EvtxReader } from '../evtx/reader.ts';
import { type Checkpoints, defaultCheckpointPath, openCheckpoints, type Progress } from '../send/checkpoint.ts';
import { NotTaken, type PostOptions, postXml } from '../send/post.ts';
import { refusePlainHttp } from '../plain-http.ts';
import { type Counts, showProgress, showResult } from '../send/progress-line.ts';
import { runningStart } from '../running-start.ts';

const DEFAULT_URL = 'http://127.0.0.1:8309/v1/events';
const DEFAULT_RETRY_FOR = '5m';
/** A chunk's events may be more XML than a collector takes at once. */
const MAX_BODY_CHARACTERS = 2 * 1024 * 1024;
const SHOWN_ERRORS = 5;
const NO_LOG_FILE =
  'it is no event log file (.evtx): it does not begin with ElfFile. Event XML and JSON are posted to the collector, e.g. with curl';

/** The verb. */
export const sendCommand: Command = {
  summary: 'send Windows event log files (.evtx) to a collector',
  usage: [
    'foghorn send [options] FILE.evtx …',
    '',
    `  --url URL           the collector (that of a running npm start, else ${DEFAULT_URL})`,
    '  --token-file FILE   the bearer token to send with',
    `  --checkpoint FILE   how far each file was sent (${defaultCheckpointPath()})`,
    '  --allow-insecure    send the token over plain http to another machine too',
    '  --restart           send from the beginning instead of from the checkpoint',
    `  --retry-for TIME    how long to retry while the collector is unavailable, e.g. 30s, 5m (${DEFAULT_RETRY_FOR})`,
    '',
    'A file that was sent before goes on where it was; sending an event twice does no harm.',
    'Log files hold no message texts: they are rendered where the catalogue has a template.',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, {
      url: { type: 'string', default: runningStart()?.eventsUrl ?? DEFAULT_URL },
      'token-file': { type: 'string' },
      checkpoint: { type: 'string', default: defaultCheckpointPath() },
      restart: { type: 'boolean', default: false },
      'allow-insecure': { type: 'boolean', default: false },
      'retry-for': { type: 'string', default: DEFAULT_RETRY_FOR },
    });
    if (positionals.length === 0) throw new UsageError('Name at least one .evtx file.');
    const retryForMs = parseDuration(values['retry-for']);
    if (retryForMs === undefined)
      throw new UsageError(`--retry-for ${values['retry-for']} is no duration; say for example 30s or 5m.`);
    const tokenFile = values['token-file'];
    const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim();
    if (token !== undefined && !values['allow-insecure']) refusePlainHttp(values.url, 'The token', '--allow-insecure');
    const post = { url: values.url, token, retryForMs, signal: io.signal, onWait: waitingLine(io) };
    const sender = {
      reader: await createEvtxReader(),
      checkpoints: await openCheckpoints(values.checkpoint),
      post,
      io,
    };
    return await sendAll(sender, positionals, values.restart);
  },
};

interface Sender {
  readonly reader: EvtxReader;
  readonly checkpoints: Checkpoints;
  readonly post: PostOptions;
  readonly io: CommandIo;
}

/** One line when a wait begins, not one per attempt. */
function waitingLine(io: CommandIo): (why: string) => void {
  let last = '';
  return (why) => {
    if (why !== last) io.err(`waiting for the collector: ${why}`);
    last = why;
  };
}

async function sendAll(sender: Sender, files: readonly string[], isRestart: boolean): Promise<number> {
  let code = 0;
  for (const file of files) {
    try {
      const result = await sendFile(sender, file, isRestart);
      if (result.rejected > 0) code = 1;
    } catch (error) {
      sender.io.err(`${file}: ${errorText(error)}`);
      code = error instanceof UsageError ? EXIT_USAGE : 1;
      if (error instanceof NotTaken) {
        sender.io.err('Run the same command again to go on where it stopped.');
        return code;
      }
    }
  }
  return code;
}

async function sendFile(sender: Sender, path: string, isRestart: boolean): Promise<Counts> {
  const file = await open(path, 'r');
  try {
    if (!(await isEvtx(file))) throw new Error(NO_LOG_FILE);
    const { size: sizeBytes, mtimeMs: modifiedMs } = await file.stat();
    const from = isRestart ? HEADER_BYTES : startOf(sender.checkpoints.of(path), { sizeBytes, modifiedMs });
    if (from >= sizeBytes && from > HEADER_BYTES) {
      sender.io.out(`${basename(path)}: sent before (--restart sends it once more)`);
      return { sent: 0, unreadable: 0, rejected: 0 };
    }
    return await sendChunks(sender, { path, file, from, sizeBytes, modifiedMs });
  } finally {
    await file.close();
  }
}

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
  readonly from: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

async function sendChunks(sender: Sender, { path, file, from, sizeBytes, modifiedMs }: OpenFile): Promise<Counts> {
  const { reader, checkpoints, io } = sender;
  const name = basename(path);
  const counts = { sent: 0, unreadable: 0, rejected: 0 };
  const report = limitedReport(io, name);
  const missingOf = createMissing();
  for await (const { offset, bytes } of chunksOf(file, from)) {
    const chunk = bytes === undefined ? { records: [], errors: ['this is no chunk'] } : await reader.read(bytes);
    const missing = missingOf(bytes, chunk);
    for (const detail of missing.details) report(`byte ${offset}: ${detail}`);
    counts.unreadable += missing.count;
    for (const body of bodiesOf(chunk.records)) {
      const answer = await postXml(body, sender.post);
      counts.sent += answer.accepted;
      counts.rejected += answer.rejected;
      for (const { reason, detail } of answer.errors) report(`rejected, ${reason}: ${detail}`);
    }
    const next = offset + CHUNK_BYTES;
    await checkpoints.save(path, { offset: next, sizeBytes, modifiedMs });
    showProgress(io, name, { share: next / sizeBytes, counts });
  }
  await checkpoints.save(path, { offset: Math.max(sizeBytes, HEADER_BYTES), sizeBytes, modifiedMs });
  showResult(io, name, counts);
  return counts;
}

/** A file that has changed since may have got more records in its last chunk. */
function startOf(known: Progress | undefined, now: Omit<Progress, 'offset'>): number {
  if (known === undefined || known.sizeBytes > now.sizeBytes) return HEADER_BYTES;
  if (known.modifiedMs === now.modifiedMs && known.sizeBytes === now.sizeBytes) return known.offset;
  const chunks = Math.floor((Math.min(known.offset, known.sizeBytes) - HEADER_BYTES - 1) / CHUNK_BYTES);
  return HEADER_BYTES + Math.max(0, chunks) * CHUNK_BYTES;
}

function* bodiesOf(records: readonly { readonly xml: string }[]): Generator<string> {
  let body = '';
  for (const { xml } of records) {
    if (body !== '' && body.length + xml.length > MAX_BODY_CHARACTERS) {
      yield body;
      body = '';
    }
    body += `${xml}\n`;
  }
  if (body !== '') yield body;
}

/** The first few errors of a file are shown, the others only counted. */
function limitedReport(io: CommandIo, name: string): (text: string) => void {
  let left = SHOWN_ERRORS;
  return (text) => {
    if (left > 0) io.err(`${name}: ${text}${left === 1 ? ' (further ones are only counted)' : ''}`);
    left -= 1;
  };
}
