// The names that Windows itself gives to levels, opcodes, keyword bits, the task that is none and
// the accounts of services; a provider's own names are in its message tables and unknown here.
// Source: winmeta.xml of the Windows SDK,
// https://learn.microsoft.com/windows/win32/wes/defining-keywords-used-to-classify-types-of-events.
import type { EventUser } from '../contracts/windows-event.ts';

const LEVELS = ['information', 'critical', 'error', 'warning', 'information', 'verbose'] as const;

const OPCODES = [
  'Info',
  'Start',
  'Stop',
  'DCStart',
  'DCStop',
  'Extension',
  'Reply',
  'Resume',
  'Suspend',
  'Send',
] as const;

/**
 * Bits of the upper half, where all of Windows' own are: a test of a bigint takes memory each time.
 */
const AUDIT_FAILURE = 0x10_00_00;
const AUDIT_SUCCESS = 0x20_00_00;

const KEYWORDS: readonly (readonly [number, string])[] = [
  [0x1_00_00, 'Response Time'],
  [0x4_00_00, 'WDI Diag'],
  [0x8_00_00, 'SQM'],
  [AUDIT_FAILURE, 'Audit Failure'],
  [AUDIT_SUCCESS, 'Audit Success'],
  [0x40_00_00, 'Correlation Hint'],
  [0x80_00_00, 'Classic'],
];

/**
 * ECS `log.level` of a level number, as Winlogbeat writes it; undefined for a number of the
 * provider's own.
 */
export function levelName(level: number): string | undefined {
  return LEVELS[level];
}

/** The name of a standard opcode. */
export function opcodeName(opcode: number): string | undefined {
  return OPCODES[opcode];
}

/**
 * The name of a task that is none, which Winlogbeat writes as it stands; every other task is a
 * provider's own.
 */
export function taskName(task: number): string | undefined {
  return task === 0 ? 'None' : undefined;
}

/** The names of the standard bits that are set. */
export function keywordNames(mask: bigint): readonly string[] {
  const upper = upperHalf(mask);
  const names: string[] = [];
  for (const [bit, name] of KEYWORDS) if ((upper & bit) !== 0) names.push(name);
  return names;
}

/** ECS `event.outcome` by the audit bits. */
export function outcomeOf(mask: bigint): 'success' | 'failure' | undefined {
  const upper = upperHalf(mask);
  if ((upper & AUDIT_FAILURE) !== 0) return 'failure';
  return (upper & AUDIT_SUCCESS) === 0 ? undefined : 'success';
}

function upperHalf(mask: bigint): number {
  return Number(BigInt.asUintN(32, mask >> 32n));
}

/**
 * The name, domain and type that an English Windows gives to a service account's SID.
 * Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers.
 */
const ACCOUNTS: ReadonlyMap<string, Required<Omit<EventUser, 'identifier'>>> = new Map(
  [
    ['S-1-5-18', 'SYSTEM'],
    ['S-1-5-19', 'LOCAL SERVICE'],
    ['S-1-5-20', 'NETWORK SERVICE'],
  ].map(([sid = '', name = '']) => [sid, { name, domain: 'NT AUTHORITY', type: 'Well Known Group' }]),
);

/**
 * The account with what its SID means on every host, where the event names no more than the SID.
 */
export function knownUser(user: EventUser): EventUser {
  const known = user.name === undefined ? ACCOUNTS.get(user.identifier ?? '') : undefined;
  return known === undefined ? user : { ...user, ...known };
}
