// The notifier's stages keep to the contract of all stages (test/contract/stage.test.ts), on real Redis and Kafka. A new one is added to the list.
import type { TestContext } from 'node:test';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { createAlertsStage } from '../../services/notifier/incidents/alerts-stage.ts';
import type { Rooms } from '../../services/notifier/rooms.ts';
import { type Command, encodeCommand } from '../../shared/contracts/command.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anAlertRecord } from '../support/alerts.ts';
import type { TestKafka } from '../support/kafka.ts';
import { openTestRooms } from '../support/notifier-rooms.ts';
import { type StageSubject, stageSuite } from '../support/stage-suite.ts';

/** A stage of the notifier. */
function notifying<In>(
  stageOf: (rooms: Rooms) => StageSubject<In>['stage'],
  good: readonly OutRecord[],
  effects: (rooms: Rooms, kafka: TestKafka) => Promise<number>,
) {
  return async (t: TestContext): Promise<StageSubject<In>> => {
    const { rooms, kafka, proxy } = await openTestRooms(t);
    return {
      stage: stageOf(rooms),
      good,
      dependency: {
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
