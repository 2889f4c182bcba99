// The notifier's stages keep to the contract of all stages (test/contract/stage.test.ts), on real Redis and Kafka. A new one is added to the list.
import type { TestContext } from 'node:test';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { notifierSchema } from '../../services/notifier/config.ts';
import { createAlertsStage } from '../../services/notifier/incidents/alerts-stage.ts';
import { openRooms, type Rooms } from '../../services/notifier/rooms.ts';
import { type Command, encodeCommand } from '../../shared/contracts/command.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { anAlertRecord } from '../support/alerts.ts';
import { type TestKafka, testKafka } from '../support/kafka.ts';
import { quietLog } from '../support/log.ts';
import { testRedis } from '../support/redis.ts';
import { type StageSubject, stageSuite } from '../support/stage-suite.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';

const DEADLINE_MS = 20_000;

/** A stage of the notifier; Redis is behind a proxy. */
function notifying<In>(
  stageOf: (rooms: Rooms) => StageSubject<In>['stage'],
  good: readonly OutRecord[],
  effects: (rooms: Rooms, kafka: TestKafka) => Promise<number>,
) {
  return async (t: TestContext): Promise<StageSubject<In>> => {
    const kafka = await testKafka(t);
    const corner = testRedis(t);
    const url = new URL(corner.url);
    const proxy = await createTcpProxy(url.host);
    url.host = proxy.address;
    const config = notifierSchema.parse({
      kafka: kafka.settings,
      redis: { url: url.href, keyPrefix: corner.keyPrefix },
      notifier: { receivers: [] },
    });
    const closers = createClosers();
    const { signal } = new AbortController();
    const context = { config, log: quietLog, registry: createRegistry('test'), closers, signal };
    const rooms = openRooms(context, () => undefined);
    t.after(async () => {
      proxy.resume();
      await closers.closeAll(AbortSignal.timeout(DEADLINE_MS));
      await proxy.close();
    });
    await rooms.completeness.ensure();
    return {
      stage: stageOf(rooms),
      good,
      neighbour: {
        behave: (how) => {
          if (how === 'well') proxy.resume();
          else if (how === 'refusing') proxy.cut();
          else proxy.pause();
        },
      },
      effects: async () => await effects(rooms, kafka),
    };
  };
}

const HOSTS = ['media01', 'media02', 'media03'];

stageSuite(
  'notifier',
  notifying(
    (rooms) => createAlertsStage({ ...rooms, reopenWithinMs: 1000 }),
    HOSTS.map((host) => anAlertRecord({ host })),
    async (_rooms, kafka) => (await kafka.readAll('incidents')).length,
  ),
);

stageSuite(
  'notifier-commands',
  notifying(
    createCommandsStage,
    HOSTS.map((host): OutRecord => {
      const matchers = [`host="${host}"`];
      const startsAtMs = Date.now();
      const silence = { id: host, matchers, author: 'kim', comment: 'x', startsAtMs, endsAtMs: startsAtMs + 60_000 };
      const command: Command = { id: `c-${host}`, actor: 'kim', atMs: 1, reason: 'x', kind: 'silence', silence };
      return encodeCommand(command);
    }),
    async ({ silences }) => {
      const found = await Promise.all(HOSTS.map(async (host) => await silences.find(host)));
      return found.reduce((sum, stored) => sum + (stored?.silence.revision ?? 0), 0);
    },
  ),
);
