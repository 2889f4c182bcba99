// The program that collects events on a host, by what its events and its connection say. Pure.
import type { RawEvent } from '../../../shared/contracts/raw-event.ts';
import type { SourceAgent } from '../../../shared/contracts/source.ts';
import type { EventForm, WindowsEvent } from '../../../shared/contracts/windows-event.ts';

/** The program of `foghorn send`. */
export const SEND_AGENT = 'foghorn-send';

/** The forms that only one agent writes. */
const AGENT_OF_FORM: Readonly<Partial<Record<EventForm, string>>> = {
  winlogbeat: 'winlogbeat',
  nxlog: 'nxlog',
  'fluent-bit': 'fluent-bit',
  vector: 'vector',
  opentelemetry: 'opentelemetry',
  openwec: 'openwec',
  telegraf: 'telegraf',
  alloy: 'alloy',
  azure: 'azure',
  wazuh: 'wazuh',
  snare: 'snare',
};

const MAX_CHARACTERS = 100;

/** What names the agent in an event, unread: cheap enough to be taken of each. */
export interface AgentSigns {
  readonly type: string | undefined;
  readonly version: string | undefined;
  readonly form: EventForm;
  /** The program that sent it, which may be a relay. */
  readonly sentBy: string | undefined;
}

/** The signs of an event. */
export function agentSignsOf({ ecs, form }: WindowsEvent, { agent: sentBy }: Pick<RawEvent, 'agent'>): AgentSigns {
  const fields = ecs?.['agent'];
  if (typeof fields !== 'object' || fields === null) return { type: undefined, version: undefined, form, sentBy };
  const { type, version } = fields as Readonly<Record<string, unknown>>;
  return { type: textOf(type), version: textOf(version), form, sentBy };
}

/** Whether two events have the same signs. */
export function isSameAgent(one: AgentSigns, other: AgentSigns): boolean {
  return (
    one.sentBy === other.sentBy && one.type === other.type && one.version === other.version && one.form === other.form
  );
}

/**
 * The agent: as the event names it, else by the form that it alone writes, else the program that
 * sent it. Undefined where nothing says.
 */
export function agentOf({ type, version, form, sentBy = '' }: AgentSigns): SourceAgent | undefined {
  const [, program = '', programVersion] = /^([^\s/]+)(?:\/([^\s;,]+))?/u.exec(sentBy) ?? [];
  if (program === SEND_AGENT) return { name: SEND_AGENT };
  const name = type ?? AGENT_OF_FORM[form] ?? program;
  if (name === '') return undefined;
  const isProgram = name.toLowerCase() === program.toLowerCase();
  const said = version ?? (isProgram ? programVersion : undefined);
  return { name: short(name.toLowerCase()), ...(said === undefined ? {} : { version: short(said) }) };
}

/** A copy: as a part of the event's text, the name would keep all of that in memory. */
function short(text: string): string {
  return Buffer.from(text.slice(0, MAX_CHARACTERS)).toString();
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
