// Probes a port of a host: the name resolved once, the address checked before it is connected to,
// the answer bounded in bytes and time.
import { connect, isIP } from 'node:net';
import type { Probe } from '../../../shared/contracts/probe.ts';
import { within } from '../../../shared/runtime/within.ts';
import type { AddressRange } from '../../../shared/matchers/address-range.ts';
import {
  isAnswerComplete,
  classifyAnswer,
  MAX_ANSWER_BYTES,
  type ProbeProtocol,
  protocolsFor,
  requestFor,
} from './protocol.ts';
import type { ResolveName } from './resolve-name.ts';

/**
 * The outcome of a probe. `outside`: none of the host's addresses may be probed. `detail` describes
 * the answer or the error.
 */
export interface ProbeOutcome {
  readonly kind: 'served' | 'other' | 'silent' | 'closed' | 'outside' | 'unresolved';
  readonly detail: string;
}

/**
 * The target of a probe. `addresses` are those in the host's own events, for a name that does not
 * resolve.
 */
export interface ProbeTarget {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly probe: Probe;
}

/** The bounds of asking. */
export interface AskOptions {
  readonly isAllowed: AddressRange;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly resolveName: ResolveName;
}

const HOST_NAME = /^[\w-]{1,63}(?:\.[\w-]{1,63}){0,20}\.?$/u;
const MAX_ADDRESSES = 4;

/** Asks. Never throws. */
export async function askPort(target: ProbeTarget, options: AskOptions): Promise<ProbeOutcome> {
  const { port, answers } = target.probe;
  const addresses = await addressesOf(target, options);
  if (addresses.length === 0) return { kind: 'unresolved', detail: 'its name has no address' };
  const allowed = addresses.filter(options.isAllowed).slice(0, MAX_ADDRESSES);
  if (allowed.length === 0) return { kind: 'outside', detail: 'no address of it may be asked' };
  let outcome: ProbeOutcome = { kind: 'closed', detail: '' };
  for (const address of allowed)
    for (const protocol of protocolsFor(port, answers)) {
      if (options.signal.aborted) return outcome;
      const found = await askOne({ address, port, protocol, answers }, options);
      if (found.kind === 'served') return found;
      if (found.kind === 'closed') break;
      // An answer with a name outweighs silence in the next protocol.
      if (outcome.kind !== 'other') outcome = found;
    }
  return outcome;
}

async function addressesOf({ host, addresses }: ProbeTarget, options: AskOptions): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  if (!HOST_NAME.test(host)) return [];
  const found = await options.resolveName(host, options);
  // The addresses in the host's events are as reliable as its name, which is from the events, too;
  // both pass the same check.
  return found.length > 0 ? found : addresses.filter((address) => isIP(address) !== 0);
}

interface Question extends Probe {
  readonly address: string;
  readonly protocol: ProbeProtocol;
}

async function askOne(question: Question, { timeoutMs, signal }: AskOptions): Promise<ProbeOutcome> {
  const { address, port, protocol, answers } = question;
  const where = `${protocol.toUpperCase()} on ${address} port ${port}`;
  const answer = await within(signal, timeoutMs, async (ending) => await exchange(question, ending));
  if (answer === undefined) return { kind: 'closed', detail: `${where}: no connection` };
  const verdict = classifyAnswer(protocol, answer, answers);
  if (verdict.kind === 'silent') return { kind: 'silent', detail: `${where}: no answer in this protocol` };
  return { kind: verdict.kind, detail: `${where}: ${verdict.by}` };
}

/**
 * The beginning of the answer until the header was whole, the connection closed or the time was
 * over; undefined when there was no connection.
 */
async function exchange({ address, port, protocol }: Question, ending: AbortSignal): Promise<Buffer | undefined> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isOpen = false;
    const socket = connect({ host: address, port });
    const finish = (): void => {
      ending.removeEventListener('abort', finish);
      socket.destroy();
      resolve(isOpen ? Buffer.concat(chunks) : undefined);
    };
    ending.addEventListener('abort', finish);
    socket.on('connect', () => {
      isOpen = true;
      socket.write(requestFor(protocol, address));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_ANSWER_BYTES || isAnswerComplete(protocol, Buffer.concat(chunks))) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}
