// The notifier's stages keep to the contract of all stages (test/contract/stage.test.ts), on real
// Redis and Kafka. One without a suite does not compile.
import type { TestContext } from 'node:test';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import type { NotifierComponents } from '../../services/notifier/components.ts';
import { type Command, encodeCommand } from '../../shared/contracts/command.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anAlertRecord } from '../support/alerts.ts';
import type { TestKafka } from '../support/kafka.ts';
import { openTestComponents } from '../support/notifier-components.ts';
import { type DependentSubject, dependentStage, runStageSuites } from '../support/stage-suite.ts';

/** A stage of the notifier. */
function notifying<In>(
  stageOf: (components: NotifierComponents) => DependentSubject<In>['stage'],
  good: readonly OutRecord[],
  effects: (components: NotifierComponents, kafka: TestKafka) => Promise<number>,
) {
  return dependentStage(async (t: TestContext): Promise<DependentSubject<In>> => {
    const { components, kafka, proxy } = await openTestComponents(t);
    return {
      stage: stageOf(components),
      good,
      dependency: {
        behave: (how) => {
          if (how === 'well') proxy.resume();
          else if (how === 'refusing') proxy.cut();
          else proxy.pause();
        },
      },
      effects: async () => await effects(components, kafka),
    };
  });
}

const HOSTS = ['media01', 'media02', 'media03'];

runStageSuites<'integration'>({
  notifier: notifying(
    (components) => createAlertsStage({ ...components, reopenWithinMs: 1000 }),
    HOSTS.map((host) => anAlertRecord({ host })),
    async (_rooms, kafka) => (await kafka.readAll('incidents')).length,
  ),

  'notifier-commands': notifying(
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
});
