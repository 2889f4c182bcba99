// Which of an event's values may stand in a command that a person pastes: whoever wrote the event
// must not choose what it does, or to whom it leads. Pure.
import type { CatalogParameter } from './schema.ts';

/**
 * A value as it stands in the command, or why it does not: the words follow
 * `the value in the event`.
 */
type CommandValue =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'unfit'; readonly why: string };

/** Where the value is to stand. */
export interface CommandPlace {
  readonly type: CatalogParameter['type'] | 'host';
  /** The command in front of the place. */
  readonly before: string;
  /** Whether the command only looks: then it may look into a folder of the system too. */
  readonly isReading: boolean;
}

/**
 * Neither quotes nor anything that cmd or PowerShell acts on between double quotation marks: no
 * `"`, `` ` ``, `$`, `%`, `^`, `&`, `|`, `<`, `>`, `!`, `' , no typographic quotation marks, which
 * PowerShell takes for straight ones, and no modifier letters, which programs without Unicode turn
 * into quotation marks.
 */
const HARMLESS = /^[\p{Ll}\p{Lu}\p{Lt}\p{Lo}\p{N}\p{M} ._:\\/()=@+,~-]{1,1024}$/u;
/** An option, a file of arguments, or the root of something. */
const OPTION = /^[-/@+=,~\\]/u;
/**
 * Two separators lead to another computer (`\\server`, `//server`) or a device (`\\.\`, `\\?\`),
 * wherever a program begins to read.
 */
const NETWORK = /[\\/]{2}/u;
const UP = /(?:^|[\\/])\.{1,2}(?:[\\/]|$)/u;
const HOST = /^[\p{L}\p{N}](?:[\p{L}\p{N}._:-]*[\p{L}\p{N}])?$/u;
const DRIVE_PATH = /^[a-z]:(?:[\\/](?:[^\\/:]+[\\/])*[^\\/:]*)?$/iu;
const IN_URL = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*$/iu;

/**
 * Windows, its programs, its accounts and its start: whoever may write there becomes the system.
 * Names without regard to case.
 */
const SYSTEM_FOLDER =
  /^[a-z]:[\\/]*(?:$|(?:windows(?:\.old)?|winnt|program files(?: \(x86\))?|programdata|users|documents and settings|boot|efi|recovery|system volume information|perflogs|msocache|config\.msi)(?:[\\/]|$)|[^\\/]*~\d)/iu;
/** The one place in it where services keep their logs. */
const SYSTEM_LOGS = /^[a-z]:[\\/](?:windows|winnt)[\\/]system32[\\/]logfiles[\\/][^\\/~]+(?:[\\/][^~]*)?$/iu;

/** The value as it may stand there. It was read by `readValue` or `readHost`. */
export function commandValue(value: string | number, place: CommandPlace): CommandValue {
  const { type, before, isReading } = place;
  const text = String(value);
  if (type === 'port' || type === 'integer') return { kind: 'value', text };
  const why = problemIn(text, type) ?? (isReading || !isSystemFolder(text) ? undefined : 'is a folder of the system');
  if (why !== undefined) return { kind: 'unfit', why };
  if (IN_URL.test(before) && encodeURIComponent(text) !== text)
    return { kind: 'unfit', why: 'has characters that mean something in an address' };
  // In front of a quotation mark a program takes a single backslash for its escape.
  return { kind: 'value', text: text.endsWith('\\') ? `${text}\\` : text };
}

function problemIn(text: string, type: CommandPlace['type']): string | undefined {
  if (NETWORK.test(text)) return 'leads to another computer or a device';
  if (!isHarmless(text)) return 'has characters that a command line acts on';
  if (type === 'host') return HOST.test(text) ? undefined : 'is no name of a host';
  if (type === 'path' && !DRIVE_PATH.test(text)) return 'is no path on a drive of the host';
  if (UP.test(text) || (type === 'path' && /[. ](?:[\\/]|$)/u.test(text))) return 'leads out of its folder';
  return undefined;
}

function isHarmless(text: string): boolean {
  return HARMLESS.test(text) && HARMLESS.test(text.normalize('NFKC')) && !OPTION.test(text) && text.trim() === text;
}

function isSystemFolder(text: string): boolean {
  const path = text.normalize('NFKC');
  return SYSTEM_FOLDER.test(path) && !SYSTEM_LOGS.test(path);
}

/** Programs that only look, whatever their arguments are. */
const READERS =
  /^(?:dir|type|tree|more|netstat|ping|tracert|nslookup|tasklist|qwinsta|findstr|sc query(?:ex)?|Get-\w+|Test-\w+|Resolve-\w+|Select-\w+)(?: |$)/iu;
/** Shows rights as long as there is no option; with one it may change them. */
const RIGHTS = /^(?:icacls|cacls) "[^"]*"$/iu;

/** Whether a command, all of its parts, only looks. */
export function isReadingCommand(command: string): boolean {
  if (/[<>]/u.test(command.replaceAll(/"[^"]*"/gu, ''))) return false;
  return command.split(/[&|;]/u).every((part) => {
    const own = part.trim();
    return own === '' || READERS.test(own) || RIGHTS.test(own);
  });
}
