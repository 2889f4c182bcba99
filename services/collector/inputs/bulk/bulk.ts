// Elasticsearch's `_bulk` for agents that send to nothing else, and what they ask at start. Answers
// when Kafka has the events.
import { randomBytes } from 'node:crypto';
import type { Running } from '../../../../shared/runtime/running.ts';
import { createLogIn, refusePages } from '../http/admit.ts';
import { eventsOfDocuments } from '../http/events-of-body.ts';
import { createFaultReport, storedOf, withinSize } from '../http/keep-all.ts';
import { type Answer, type Exchange, type RequestInput, startRequestInput, takeEvents } from '../http/request-input.ts';
import type { InputParts, InputType } from '../input.ts';
import type { Sender } from '../senders.ts';
import { type Item, itemsOf } from './actions.ts';
import { createBulkAuthenticate } from './authenticate.ts';
import { filteredBy } from './filter-path.ts';
import { bulkAnswer } from './results.ts';
import { type Question, type Route, routeOf } from './routes.ts';
import { type BulkConfig, bulkSettings } from './settings.ts';
import { absent, ACKNOWLEDGED, healthBody, licenseBody, refusalBody, rootBody, XPACK_BODY } from './start-up.ts';

const KIND = 'bulk';

/** The Elasticsearch `_bulk` input. */
export const bulkInput: InputType<typeof KIND, typeof bulkSettings> = { kind: KIND, settings: bulkSettings, start };

async function start(settings: BulkConfig, parts: InputParts): Promise<Running> {
  const logIn = createLogIn(createBulkAuthenticate(settings, parts.now), { input: KIND, ...parts });
  const collector = createCollector(parts);
  const answerStartUp = createStartUp(parts, collector.isHealthy);
  const input: RequestInput = {
    kind: KIND,
    title: 'Elasticsearch _bulk input',
    settings,
    parts,
    form: { type: 'application/json', body: refusalBody },
    overloadedStatus: 429,
    serve: async (exchange) => {
      const { request, response, gone } = exchange;
      // Elasticsearch's own clients talk to nothing that does not send it.
      response.setHeader('x-elastic-product', 'Elasticsearch');
      const route = routeOf(request);
      refusePages(request, settings, KIND);
      const sender = await logIn(request, { route: route.kind, gone });
      if (route.kind !== 'bulk') return await answerStartUp(route);
      return await collector.take(input, exchange, { sender, index: route.index });
    },
  };
  return await startRequestInput(input);
}

/** Answers what is no bulk request. The log says once that what agents set up is not used. */
function createStartUp({ log }: InputParts, isHealthy: () => Promise<boolean>) {
  const uuid = randomBytes(16).toString('base64url');
  let isSaid = false;
  const acknowledge = (path: string): Answer => {
    if (!isSaid)
      log.info(
        { input: KIND, path },
        'templates, lifecycle policies and pipelines of agents are not used; Foghorn has its own',
      );
    isSaid = true;
    return ACKNOWLEDGED;
  };
  const answers: Readonly<Record<Question, () => object | Promise<object>>> = {
    root: () => rootBody(uuid),
    license: () => licenseBody(uuid),
    xpack: () => XPACK_BODY,
    health: async () => healthBody(await isHealthy()),
  };
  return async (route: Exclude<Route, { readonly kind: 'bulk' }>): Promise<Answer> => {
    if (route.kind === 'absent') return absent(route.path);
    if (route.kind === 'setup') return acknowledge(route.path);
    return { status: 200, body: await answers[route.kind]() };
  };
}

interface Admitted {
  readonly sender: Sender;
  /** The index of the path. */
  readonly index: string;
}

function createCollector(parts: InputParts) {
  const { intake } = parts;
  const report = createFaultReport(KIND, parts);
  return {
    isHealthy: async (): Promise<boolean> => {
      const room = intake.reserve(KIND);
      const hasRoom = room.tryGrow(0);
      room.release();
      return hasRoom && (await intake.ready()) === undefined;
    },
    take: async (input: RequestInput, exchange: Exchange, { sender, index }: Admitted): Promise<Answer> => {
      const { answer, faults } = await store(input, exchange, { sender, index });
      report(faults, sender);
      return { status: 200, body: filteredBy(filterPathOf(exchange), answer) };
    },
  };
}

async function store(input: RequestInput, exchange: Exchange, { sender, index }: Admitted) {
  const { intake, now } = input.parts;
  let items: readonly Item[] = [];
  return await takeEvents(input, exchange, {
    sender,
    cut: (body, options) => {
      items = itemsOf(body, { index, maxItems: options.maxEvents });
      options.admit(items.length);
      return eventsOfDocuments(
        items.flatMap(({ document }) => document ?? []),
        options,
      );
    },
    deliver: async (pieces, send) => {
      const sentAtMs = now();
      const sized = withinSize(pieces, intake.maxRecordBytes);
      const receipts = await send(sized.flatMap((piece) => storedOf(piece) ?? []));
      return bulkAnswer(items, sized, { receipts, tookMs: now() - sentAtMs });
    },
  });
}

function filterPathOf({ request: { url = '' } }: Exchange): string | null {
  return url.includes('?') ? new URLSearchParams(url.slice(url.indexOf('?'))).get('filter_path') : null;
}
