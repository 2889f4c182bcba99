// The requests of a probe, and the classification of answers. The fault is that another program holds the port, so an answer alone proves nothing: it has to be
// the answer of Windows Media Services, which names itself. Pure.
import { isMmsWhole, MMS_PORT, mmsConnect, mmsServerVersion } from './mms.ts';

/** The ways in which Windows Media Services serves. */
export type ProbeProtocol = 'rtsp' | 'http' | 'mms';

type TextProtocol = Exclude<ProbeProtocol, 'mms'>;

/** The origin of an answer: Windows Media Services (`served`), another program, or nobody that speaks the protocol. `by` is printable and short. */
export type Verdict =
  | { readonly kind: 'served'; readonly by: string }
  | { readonly kind: 'other'; readonly by: string }
  | { readonly kind: 'silent' };

/** More of an answer is not read. */
export const MAX_ANSWER_BYTES = 4096;

const RTSP_PORT = 554;
const MAX_BY_CHARACTERS = 80;

/**
 * How Windows Media Services names itself: by RTSP `WMServer/` and its version ([MS-RTSP], header Server), by HTTP `Cougar/` ([MS-WMSP] section 3.2.5.2;
 * there `Rex/` is a live encoder, and so another program).
 */
const NAMES: Readonly<Record<TextProtocol, RegExp>> = { rtsp: /^WMServer\/\d/iu, http: /^Cougar\/\d/iu };

/** The protocols to try on a port, the likelier one first: MMS and RTSP on their own ports, else HTTP, which is what gets another port. */
export function protocolsFor(port: number): readonly ProbeProtocol[] {
  if (port === MMS_PORT) return ['mms'];
  return port === RTSP_PORT ? ['rtsp', 'http'] : ['http', 'rtsp'];
}

/** The request: OPTIONS for the whole server (RFC 2326 section 10.1), GET of the root (RFC 9112 section 3), or MMS's connect. Changes nothing over there. */
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

/** Classifies the beginning of an answer, whatever its status: a refusal, too, names the product that refuses. More than one name identifies nobody. */
export function classifyAnswer(protocol: ProbeProtocol, answer: Buffer): Verdict {
  if (protocol !== 'mms') return classifyText(protocol, answer);
  const version = mmsServerVersion(answer);
  return version === undefined ? { kind: 'silent' } : { kind: 'served', by: `MMS server, version ${version}` };
}

function classifyText(protocol: TextProtocol, answer: Buffer): Verdict {
  const text = answer.subarray(0, MAX_ANSWER_BYTES).toString('latin1');
  const head = text.split('\r\n\r\n')[0] ?? '';
  const [status = '', ...lines] = head.split('\r\n');
  if (!new RegExp(`^${protocol.toUpperCase()}/1\\.\\d \\d{3}(?: |$)`, 'u').test(status)) return { kind: 'silent' };
  // A line that was cut off may lack its end.
  const whole = isAnswerComplete(protocol, answer) ? lines : lines.slice(0, -1);
  const names = whole.flatMap((line) => /^server:[ \t]*(?<name>.*)$/iu.exec(line)?.groups?.['name'] ?? []);
  const [name = '', ...others] = names.map((each) => each.replaceAll(/[^\u0020-\u007e]/gu, '?').trim());
  const by = `Server: ${name}`.slice(0, MAX_BY_CHARACTERS);
  return others.length === 0 && NAMES[protocol].test(name) ? { kind: 'served', by } : { kind: 'other', by };
}
