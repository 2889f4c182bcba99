// POST /v1/events: NDJSON, a JSON array, one JSON object or event XML, compressed or not. Answers
// when Kafka has the events.
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import type { InputParts, InputType } from '../input.ts';
import { createAdmit } from './admit.ts';
import { outcomeOf } from './answer.ts';
import type { BodyPiece } from './events-of-body.ts';
import { withinSize } from './keep-all.ts';
import { type RequestInput, startRequestInput, takeEvents } from './request-input.ts';
import { type HttpConfig, httpInputSettings } from './settings.ts';

const KIND = 'http';
const PATH = '/v1/events';

/** The HTTP input. */
export const httpInput: InputType<typeof KIND, typeof httpInputSettings> = {
  kind: KIND,
  settings: httpInputSettings,
  start,
};

async function start(settings: HttpConfig, parts: InputParts): Promise<Running> {
  const { metrics, log, now } = parts;
  const admit = createAdmit(settings, { input: KIND, path: PATH, metrics, log, now });
  const input: RequestInput = {
    kind: KIND,
    title: 'HTTP input',
    settings,
    parts,
    form: { type: 'application/json', body: ({ code, message }) => ({ error: code, message }) },
    overloadedStatus: 429,
    serve: async (exchange) => {
      const sender = await admit(exchange.request, exchange.gone);
      const { answer, refusals } = await takeEvents(input, exchange, {
        sender,
        deliver: async (pieces, send) => {
          const sized = withinSize(pieces, parts.intake.maxRecordBytes);
          const events = sized.flatMap((piece) => (piece.kind === 'event' ? [piece.event] : []));
          return outcomeOf(sized, await send([...events, ...keptOf(sized, events.length)]));
        },
      });
      for (const [outcome, count] of refusals) metrics.eventsReceived.inc({ input: KIND, outcome }, count);
      return { status: answer.accepted > 0 ? 200 : 400, body: answer };
    },
  };
  return await startRequestInput(input);
}

/**
 * What is kept of an otherwise good request, whose sender will not send it again: in the raw topic,
 * of which the enricher makes dead letters. A request without any event is refused whole and stays
 * with its sender.
 */
function keptOf(pieces: readonly BodyPiece[], taken: number): readonly RawEvent[] {
  if (taken === 0 || taken === pieces.length) return [];
  return pieces.flatMap((piece) =>
    piece.kind === 'bad' && piece.piece !== undefined ? [{ ...piece.piece, isRefused: true }] : [],
  );
}
