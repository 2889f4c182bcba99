// All attacks on one stack: poison on every topic, then good events as they are, after a restart
// and after Redis was emptied; denial; other senders' hosts.
import { readFileSync } from 'node:fs';
import type { ReadDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { runFoghorn } from '../support/foghorn.ts';
import { until } from '../support/until.ts';
import { type Attempt, must, tryAll } from './attempt.ts';
import { codecs } from './codecs.ts';
import { denial } from './denial.ts';
import { goodEvents, hostsOf, knownIncidents, notifiedOnce } from './good.ts';
import { type Poison, poison, type PoisonOptions } from './poison.ts';
import type { AttackRow } from './row.ts';
import { senders } from './senders.ts';
import {
  allRead,
  deadLettersOf,
  HONEST_TOKEN,
  LIMIT_MS,
  LIMITED_TOKEN,
  OWN_HOST,
  outcomeOf,
  type Stack,
} from './stack.ts';

/** How the attacks are made. */
export interface AttackOptions extends PoisonOptions {
  /** Empties Redis, or all that the stack has in it. */
  flush(): Promise<void>;
  /** Gets each row when it is there. */
  say(row: AttackRow): void;
}

const PHASES = ['poisoned', 'restarted', 'rebuilt'] as const;
/** Up to here a dead letter holds its original whole. */
const WHOLE_BYTES = 500_000;
const SHOWN = 5;
/** Pino's levels error and fatal. https://getpino.io/#/docs/api?id=level-string */
const ERROR_LINE = /^\{"level":[56]0,/u;

/**
 * Runs all; gives the rows. One stack is attacked once: the good events are the same every time.
 */
export async function attackAll(stack: Stack, options: AttackOptions): Promise<readonly AttackRow[]> {
  const { fleet } = stack;
  const { say } = options;
  let poisons: readonly Poison[] = [];
  const write: Attempt = {
    attack: 'hostile records are written',
    run: async () => {
      poisons = await poison(fleet.kafka.producer, options);
      return `${poisons.length} records, ${poisons.filter((one) => one.isRefused).length} of them no reader takes`;
    },
  };
  const before: Readonly<Record<(typeof PHASES)[number], Attempt>> = {
    poisoned: write,
    restarted: { attack: 'all services stop and start', run: async () => await restart(stack) },
    rebuilt: {
      attack: 'Redis is emptied',
      run: async () => {
        await options.flush();
        return 'emptied';
      },
    },
  };
  const rows: AttackRow[] = [];
  for (const [index, phase] of PHASES.entries()) {
    const known = PHASES.slice(Math.max(0, index - 1), index).map((earlier) => knownIncidents(stack, earlier));
    const attempts = [before[phase], ...known, ...goodEvents(stack, phase), ...afterwards(stack, () => poisons)];
    rows.push(...(await tryAll(phase, attempts, say)));
  }
  rows.push(...(await tryAll('codecs', [...codecs(stack), readiness(stack)], say)));
  const target = { url: fleet.eventsUrl, pid: fleet.services.collector.pid(), token: HONEST_TOKEN };
  rows.push(...reported(await denial(target), say));
  const limited = { url: fleet.eventsUrl, token: LIMITED_TOKEN, ownHost: OWN_HOST, foreignHost: 'attack-foreign' };
  rows.push(
    ...reported(await senders({ ...limited, outcomeOf: async (marker) => await outcomeOf(fleet, marker) }), say),
    ...(await tryAll('at last', [readiness(stack), once(stack), quiet(stack)], say)),
  );
  return rows;
}

function reported(rows: readonly AttackRow[], say: (row: AttackRow) => void): readonly AttackRow[] {
  for (const row of rows) say(row);
  return rows;
}

/** What has to be true after good events passed. */
function afterwards(stack: Stack, poisons: () => readonly Poison[]): readonly Attempt[] {
  const { fleet } = stack;
  return [
    {
      attack: 'every consumer reads on',
      run: async () => `${await allRead(fleet)} consumer groups at the end of their topics`,
    },
    {
      attack: 'dead letters hold the originals',
      run: async () => originalsKept(await deadLettersOf(fleet), fleet.kafka.settings.topicPrefix, poisons()),
    },
    { attack: 'no record met a bug', run: async () => reasonsOf(await deadLettersOf(fleet)) },
    { attack: 'dead letters are listed', run: async () => await listed(stack) },
    readiness(stack),
  ];
}

function readiness({ fleet }: Stack): Attempt {
  return {
    attack: 'every service runs on and is ready',
    run: async () => {
      const services = Object.values(fleet.services);
      for (const service of services) await isReady(service);
      return `${services.length} services ready`;
    },
  };
}

function once(stack: Stack): Attempt {
  return {
    attack: 'nobody was notified twice',
    run: async () => await Promise.resolve(notifiedOnce(stack, PHASES.flatMap(hostsOf))),
  };
}

/** What services log as an error is a bug of theirs, or a harm that was done. */
function quiet({ fleet }: Stack): Attempt {
  return {
    attack: 'no service logged an error',
    run: async () => {
      const lines = Object.values(fleet.services).flatMap(({ logFile }) => readFileSync(logFile, 'utf8').split('\n'));
      const errors = lines.filter((line) => ERROR_LINE.test(line));
      must(errors.length === 0, `${errors.length} lines: ${errors.slice(0, SHOWN).join(' ').slice(0, 1000)}`);
      return await Promise.resolve(`${lines.length} lines`);
    },
  };
}

/** A consumer that was slow on a busy machine joins its group again. */
async function isReady({ name, adminPort }: ServiceProcess): Promise<void> {
  await until(
    `${name} is ready`,
    async () => {
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
      const text = await response.text();
      must(response.ok, `${name} is not ready: ${text}`);
      return true;
    },
    LIMIT_MS,
  );
}

async function restart({ fleet: { services } }: Stack): Promise<string> {
  const all = Object.values(services);
  const codes = await Promise.all(all.map(async (service) => `${service.name} ${await service.stop()}`));
  must(
    codes.every((code) => code.endsWith(' 0')),
    `exit codes: ${codes.join(', ')}`,
  );
  for (const service of all) await service.start();
  return `${all.length} services ended with 0 and are ready again`;
}

function originalsKept(letters: readonly ReadDeadLetter[], prefix: string, poisons: readonly Poison[]): string {
  const byPlace = new Map(
    letters.map((letter) => [`${letter.source.topic}/${letter.source.partition}/${letter.source.offset}`, letter]),
  );
  const refused = poisons.filter((one) => one.isRefused);
  const lost = refused.filter(({ topic, partition, offset, record }) => {
    const letter = byPlace.get(`${topicName(prefix, topic)}/${partition}/${offset}`);
    if (letter === undefined) return true;
    const sent = Buffer.from(record.value ?? '');
    const kept = letter.original.value ?? Buffer.alloc(0);
    return !(sent.length > WHOLE_BYTES ? sent.subarray(0, kept.length) : sent).equals(kept);
  });
  const names = lost.slice(0, SHOWN).map(({ topic, what }) => `${topic}, ${what}`);
  must(
    lost.length === 0,
    `${lost.length} of ${refused.length} have no dead letter with their bytes: ${names.join('; ')}`,
  );
  must(refused.length > 0, 'no record was refused');
  return `${byPlace.size} places, among them all ${refused.length} that no reader takes`;
}

/** How many dead letters each stage wrote for each reason. */
function reasonsOf(letters: readonly ReadDeadLetter[]): string {
  const counts = new Map<string, number>();
  for (const { stage, reason } of letters)
    counts.set(`${stage} ${reason}`, (counts.get(`${stage} ${reason}`) ?? 0) + 1);
  const bugs = letters.filter(({ reason }) => reason === 'internal').map(({ stage, detail }) => `${stage}: ${detail}`);
  must(bugs.length === 0, `${bugs.length} dead letters are internal: ${bugs.slice(0, SHOWN).join('; ')}`);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

async function listed({ fleet: { kafka } }: Stack): Promise<string> {
  const env = {
    KAFKA_BROKERS: kafka.settings.brokers.join(','),
    FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
  };
  const { code, out, err } = await runFoghorn(['deadletters', 'list', '--last', '5'], { env });
  must(code === 0, `foghorn deadletters list ended with ${code}: ${err.slice(-500)}`);
  return `${out.trim().split('\n').length} lines of foghorn deadletters list`;
}
