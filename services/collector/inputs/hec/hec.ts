// Splunk's HTTP Event Collector: `event`, `raw`, `ack` and `health` below /services/collector.
// Answers when Kafka has the events.
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { createLogIn, refusePages } from '../http/admit.ts';
import { createFaultReport, type Fault, faultsOf, storedOf, withinSize } from '../http/keep-all.ts';
import {
  type Answer,
  type Exchange,
  type RequestInput,
  startRequestInput,
  takeEvents,
  withBody,
} from '../http/request-input.ts';
import type { InputParts, InputType, RefusalReason } from '../input.ts';
import type { Sender } from '../senders.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { createHecAuthenticate } from './authenticate.ts';
import { hecEnvelope } from './envelope.ts';
import { HEALTHY, refusalBody, successBody } from './replies.ts';
import { channelOf, type Endpoint, endpointOf, idsOf } from './requests.ts';
import { type HecConfig, hecSettings } from './settings.ts';

const KIND = 'hec';
/** At most so many ids are kept for clients that never ask: some twenty megabytes. */
const ACKNOWLEDGEMENT_LIMITS = { maxIds: 1000, maxKept: 400_000 };
const BUSY_HEADERS = { 'retry-after': '5' };

/** The Splunk HEC input. */
export const hecInput: InputType<typeof KIND, typeof hecSettings> = { kind: KIND, settings: hecSettings, start };

async function start(settings: HecConfig, parts: InputParts): Promise<Running> {
  const logIn = createLogIn(createHecAuthenticate(settings, parts.now), { input: KIND, ...parts });
  const collector = createCollector(parts);
  const input: RequestInput = {
    kind: KIND,
    title: 'Splunk HEC input',
    settings,
    parts,
    form: { type: 'application/json', body: refusalBody },
    // Its clients know no 429.
    overloadedStatus: 503,
    serve: async (exchange) => {
      const endpoint = endpointOf(exchange.request);
      refusePages(exchange.request, settings, KIND);
      // A load balancer asks without a token.
      if (endpoint === 'health') return await collector.health();
      const sender = await logIn(exchange.request, { route: endpoint, gone: exchange.gone });
      const channel = channelOf(exchange.request);
      return endpoint === 'ack'
        ? await collector.acknowledge(input, exchange, { sender, channel })
        : await collector.take(input, exchange, { sender, channel, endpoint });
    },
  };
  return await startRequestInput(input);
}

interface Admitted {
  readonly sender: Sender;
  readonly channel: string | undefined;
}

function createCollector(parts: InputParts) {
  const { intake } = parts;
  const report = createFaultReport(KIND, parts);
  const acknowledgements = createAcknowledgements(ACKNOWLEDGEMENT_LIMITS);
  const take = async (
    input: RequestInput,
    exchange: Exchange,
    { sender, channel, endpoint }: Admitted & { readonly endpoint: Endpoint },
  ): Promise<Answer> => {
    const faults = await storeAll(input, exchange, { sender, endpoint });
    report(faults, sender);
    const first = faults.find((fault) => isAnswered(fault, endpoint));
    if (first !== undefined) throw invalid(first);
    const ackId = channel === undefined ? undefined : acknowledgements.next(sender.name, channel);
    return { status: 200, body: successBody(ackId) };
  };
  return {
    take,
    health: async (): Promise<Answer> => {
      if ((await intake.ready()) !== undefined) throw busy('unavailable', 'Kafka does not take events now.');
      const room = intake.reserve(KIND);
      const hasRoom = room.tryGrow(0);
      room.release();
      if (!hasRoom) throw busy('queues_full', 'Too many bytes are under way to Kafka (collector.maxInFlightBytes).');
      return { status: 200, body: HEALTHY };
    },
    acknowledge: async (input: RequestInput, exchange: Exchange, { sender, channel }: Admitted): Promise<Answer> => {
      if (channel === undefined)
        throw new Refusal(400, 'channel_missing', 'Name the data channel: X-Splunk-Request-Channel or ?channel=.');
      const ids = await withBody(input, exchange, {
        sender,
        use: (body, reservation) => {
          reservation.release();
          return Promise.resolve(idsOf(body, ACKNOWLEDGEMENT_LIMITS.maxIds));
        },
      });
      return { status: 200, body: { acks: acknowledgements.report(sender.name, channel, ids) } };
    },
  };
}

/** Stores what the request has; gives the pieces that are no events. */
async function storeAll(
  input: RequestInput,
  exchange: Exchange,
  { sender, endpoint }: { readonly sender: Sender; readonly endpoint: Endpoint },
): Promise<readonly Fault[]> {
  return await takeEvents(input, exchange, {
    sender,
    ...(endpoint === 'event' ? { envelope: hecEnvelope } : {}),
    deliver: async (pieces, send) => {
      const sized = withinSize(pieces, input.parts.intake.maxRecordBytes);
      return faultsOf(sized, await send(sized.flatMap((piece) => storedOf(piece) ?? [])));
    },
  });
}

function busy(code: string, message: string): Refusal {
  return new Refusal(503, code, message, { headers: BUSY_HEADERS });
}

/** The answer to a request of which a piece is no event; the number is that of the first. */
function invalid({ number, reason, detail }: Fault): Refusal {
  const code = reason === 'event_required' || reason === 'event_blank' ? reason : 'invalid_data';
  const message = `${reason}: ${detail}. The other events of the request are stored; do not send it again as it is.`;
  return new Refusal(400, code, message, { more: { 'invalid-event-number': number } });
}

const TEXT: ReadonlySet<RefusalReason> = new Set(['invalid_json', 'not_an_object', 'not_an_event']);

/** Whether the client is answered with the fault: what comes to `raw` may be any text. */
function isAnswered({ reason }: Fault, endpoint: Endpoint): boolean {
  return endpoint === 'event' || !TEXT.has(reason);
}
