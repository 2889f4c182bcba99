// OTLP over HTTP: POST /v1/logs in protobuf or JSON. Answers when Kafka has the log records.
import type { Running } from '../../../../shared/runtime/running.ts';
import { createAdmit } from '../http/admit.ts';
import { createFaultReport, faultsOf, storedOf, withinSize } from '../http/keep-all.ts';
import { type RequestInput, startRequestInput, takeEvents } from '../http/request-input.ts';
import type { InputParts, InputType } from '../input.ts';
import { encodingOf, refusalBody, successBody, writeAnswer } from './answers.ts';
import { piecesOfJson, piecesOfProtobuf } from './pieces.ts';
import { type OtlpConfig, otlpSettings } from './settings.ts';

const KIND = 'otlp';
const PATH = '/v1/logs';
const CUTS = { protobuf: piecesOfProtobuf, json: piecesOfJson };

/** The OTLP input. */
export const otlpInput: InputType<typeof KIND, typeof otlpSettings> = { kind: KIND, settings: otlpSettings, start };

async function start(settings: OtlpConfig, parts: InputParts): Promise<Running> {
  const admit = createAdmit(settings, { input: KIND, path: PATH, ...parts });
  const report = createFaultReport(KIND, parts);
  const input: RequestInput = {
    kind: KIND,
    title: 'OTLP input',
    settings,
    parts,
    form: { type: 'application/json', body: refusalBody },
    overloadedStatus: 429,
    // Its clients drop what is answered with 408 or 500.
    retryStatus: 503,
    write: writeAnswer,
    serve: async (exchange) => {
      const sender = await admit(exchange.request, exchange.gone);
      return await takeEvents(input, exchange, {
        sender,
        cut: CUTS[encodingOf(exchange.request)],
        deliver: async (pieces, send) => {
          const sized = withinSize(pieces, parts.intake.maxRecordBytes);
          const faults = faultsOf(sized, await send(sized.flatMap((piece) => storedOf(piece) ?? [])));
          report(faults, sender);
          return { status: 200, body: successBody(faults, pieces.length) };
        },
      });
    },
  };
  return await startRequestInput(input);
}
