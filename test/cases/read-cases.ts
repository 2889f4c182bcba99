// Cases: a body as a sender is remark to send it, and beside it what has to become of it
// (test/data/cases/README.md).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';

const deadLetter = z.strictObject({
  /** A dead letter's reason, or that of a refusal at the door. */
  deadLetter: z.string(),
});
const document = z.strictObject({
  /** Values of the document by their paths, dots between names; null where nothing may be. */
  document: z.record(z.string(), z.unknown()),
  /** Whether it raises an alert. */
  alert: z.boolean().default(false),
});

const expectation = z.strictObject({
  /** Who sends it. */
  sender: z.string(),
  /**
   * The version whose source or documents the body was made after, or the change that made it so.
   */
  version: z.string(),
  shape: z.string(),
  source: z.string(),
  /** What becomes of each of its events. */
  events: z.array(z.union([deadLetter, document])).min(1),
  /** How many documents there are in the end, where some of the events are the same one. */
  documents: z.number().int().optional(),
});

/** What has to become of one event of a case. */
export type ExpectedEvent = z.infer<typeof expectation>['events'][number];
/** Who sends a case, and what has to become of it. */
export type Expectation = z.infer<typeof expectation>;

/** A case. */
export interface Case {
  /** The file's name without its ending. */
  readonly name: string;
  readonly file: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Absent for a body of somebody else's for which only people know what is right. */
  readonly expected?: Expectation;
  /** What people wrote about it. */
  readonly remark?: string;
}

/** The folder of the committed cases. */
export const CASES_FOLDER = 'test/data/cases';

const BODY = /^(.+)\.(json|xml)$/u;
const SYSLOG = '.syslog';
const SIDE = '.expect';

/**
 * The cases of a folder by name: `NAME.json` or `NAME.xml` with `NAME.expect.json`, and
 * `NAME.expect.md` for people. Of another folder, a body that is a committed one has that one's
 * expectation. Throws for an expectation that cannot be read.
 */
export function readCases(folder: string): readonly Case[] {
  return readdirSync(folder)
    .filter((file) => BODY.test(file) && !file.includes(`${SIDE}.`))
    .sort()
    .map((file) => readCase(folder, file));
}

/** A message of syslog on each line, and what has to become of each. */
interface SyslogCase {
  readonly name: string;
  readonly messages: readonly Buffer[];
  readonly expected: Expectation;
}

/**
 * The committed cases of syslog: `NAME.syslog` with `NAME.expect.json`. Throws for an expectation
 * that is missing or cannot be read.
 */
export function readSyslogCases(): readonly SyslogCase[] {
  return readdirSync(CASES_FOLDER)
    .filter((file) => file.endsWith(SYSLOG))
    .map((file) => {
      const name = basename(file, SYSLOG);
      const expected = expectationOf(join(CASES_FOLDER, name));
      if (expected === undefined) throw new Error(`${file} has no expectation`);
      const lines = readFileSync(join(CASES_FOLDER, file), 'utf8').trimEnd().split('\n');
      return { name, messages: lines.map((line) => Buffer.from(line)), expected };
    });
}

function readCase(folder: string, file: string): Case {
  const [, name = file, ending = ''] = BODY.exec(file) ?? [];
  const body = readFileSync(join(folder, file));
  const expected = expectationOf(join(folder, name)) ?? committedExpectation(name, file, body);
  const words = join(folder, `${name}${SIDE}.md`);
  return {
    name,
    file: join(folder, file),
    contentType: ending === 'xml' ? 'application/xml' : 'application/x-ndjson',
    body,
    ...(expected === undefined ? {} : { expected }),
    ...(existsSync(words) ? { remark: readFileSync(words, 'utf8') } : {}),
  };
}

function committedExpectation(name: string, file: string, body: Buffer): Expectation | undefined {
  const same = join(CASES_FOLDER, file);
  return existsSync(same) && readFileSync(same).equals(body) ? expectationOf(join(CASES_FOLDER, name)) : undefined;
}

function expectationOf(path: string): Expectation | undefined {
  const file = `${path}${SIDE}.json`;
  if (!existsSync(file)) return undefined;
  const read = expectation.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${basename(file)} is no expectation: ${z.prettifyError(read.error)}`);
  return read.data;
}
