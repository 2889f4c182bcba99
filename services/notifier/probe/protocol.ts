// The requests of a probe, and the classification of answers. An answer alone proves nothing, since
// another program may hold the port: it has to name the service that the catalogue entry declares.
// Pure.
import type { ProbeAnswer } from '../../../shared/contracts/probe.ts';
import { isMmsWhole, MMS_PORT, mmsConnect, mmsServerVersion } from './mms.ts';

/** The protocols of probes. */
export type ProbeProtocol = ProbeAnswer['protocol'];

type TextProtocol = Exclude<ProbeProtocol, 'mms'>;

/**
 * The origin of an answer: the declared service (`served`), another program, or nobody that speaks
 * the protocol. `by` is printable and short.
 */
export type Verdict =
  | { readonly kind: 'served'; readonly by: string }
  | { readonly kind: 'other'; readonly by: string }
  | { readonly kind: 'silent' };

/** More of an answer is not read. */
export const MAX_ANSWER_BYTES = 4096;

const RTSP_PORT = 554;
const MAX_BY_CHARACTERS = 80;

/**
 * The declared protocols to try on a port, the likelier one first: MMS alone on its own port and
 * elsewhere only where no other is declared, RTSP first on its own port, else HTTP first.
 */
export function protocolsFor(port: number, answers: readonly ProbeAnswer[]): readonly ProbeProtocol[] {
  const isDeclared = (protocol: ProbeProtocol): boolean => answers.some((answer) => answer.protocol === protocol);
  const order = port === RTSP_PORT ? (['rtsp', 'http'] as const) : (['http', 'rtsp'] as const);
  const others = order.filter(isDeclared);
  return others.length === 0 || (port === MMS_PORT && isDeclared('mms')) ? ['mms'] : others;
}

/**
 * The request: OPTIONS for the whole server (RFC 2326 section 10.1), GET of the root (RFC 9112
 * section 3), or MMS's connect. Changes nothing over there.
 */
export function requestFor(protocol: ProbeProtocol, address: string): Buffer | string {
  if (protocol === 'mms') return mmsConnect();
  if (protocol === 'rtsp') return 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Foghorn\r\n\r\n';
  const host = address.includes(':') ? `[${address}]` : address;
  return `GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: Foghorn\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
}

/** Whether an answer is complete enough to be classified. */
export function isAnswerComplete(protocol: ProbeProtocol, answer: Buffer): boolean {
  return protocol === 'mms' ? isMmsWhole(answer) : answer.includes('\r\n\r\n');
}

/**
 * Classifies the beginning of an answer, whatever its status: a refusal, too, names the product
 * that refuses. More than one name identifies nobody.
 */
export function classifyAnswer(protocol: ProbeProtocol, answer: Buffer, declared: readonly ProbeAnswer[]): Verdict {
  if (protocol !== 'mms') return classifyText(protocol, answer, declared);
  const version = mmsServerVersion(answer);
  return version === undefined ? { kind: 'silent' } : { kind: 'served', by: `MMS server, version ${version}` };
}

function classifyText(protocol: TextProtocol, answer: Buffer, declared: readonly ProbeAnswer[]): Verdict {
  const text = answer.subarray(0, MAX_ANSWER_BYTES).toString('latin1');
  const head = text.split('\r\n\r\n')[0] ?? '';
  const [status = '', ...lines] = head.split('\r\n');
  if (!new RegExp(`^${protocol.toUpperCase()}/1\\.\\d \\d{3}(?: |$)`, 'u').test(status)) return { kind: 'silent' };
  // A line that was cut off may lack its end.
  const whole = isAnswerComplete(protocol, answer) ? lines : lines.slice(0, -1);
  const names = whole.flatMap((line) => /^server:[ \t]*(?<name>.*)$/iu.exec(line)?.groups?.['name'] ?? []);
  const [name = '', ...others] = names.map((each) => each.replaceAll(/[^\u0020-\u007e]/gu, '?').trim());
  const by = `Server: ${name}`.slice(0, MAX_BY_CHARACTERS);
  const product = name.split(/[/ ]/u)[0]?.toLowerCase();
  const isDeclared = declared.some((one) => one.protocol === protocol && one.server.toLowerCase() === product);
  return others.length === 0 && isDeclared ? { kind: 'served', by } : { kind: 'other', by };
}
