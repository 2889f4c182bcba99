// Which room may import what. `npm run lint:rules` makes the linter's rules of it, because
// `overrides` replace a rule's options instead of adding to them.

/** Imports that a room must not make: globs, and the sentence that the linter shows. */
interface Forbidden {
  readonly group: readonly string[];
  readonly message: string;
}

/** A room, as a glob or one file. What is forbidden around a room is forbidden in it. */
interface Room {
  readonly files: string;
  readonly forbids?: readonly Forbidden[];
  /** Packages of `CLIENTS` that it may import although the rooms around it may not. */
  readonly imports?: readonly Client[];
}

const CLIENTS = {
  kafkajs: 'kafkajs is imported by shared/kafka alone, so that one place knows its habits.',
  '@elastic/elasticsearch': 'The Elasticsearch client is imported by shared/elasticsearch alone.',
  ioredis: 'ioredis is imported by services/notifier/redis/client.ts alone.',
  bullmq: 'BullMQ is imported by services/notifier/delivery alone.',
} as const;

type Client = keyof typeof CLIENTS;

const ALL_CLIENTS = Object.keys(CLIENTS) as readonly Client[];

const NO_SERVICE: Forbidden = {
  group: ['**/services/**'],
  message: 'shared/ serves the services and imports none of them.',
};
const NO_TOOL: Forbidden = {
  group: ['**/deploy/**', '**/test/**'],
  message: 'The product imports neither deploy/ nor test/.',
};
const PURE: Forbidden = {
  group: ['runtime', 'kafka', 'redis', 'elasticsearch'].map((room) => `**/${room}/**`),
  message: 'Pure room: bytes in, values out; no clock, no network, no environment.',
};
const NO_NODE: Forbidden = {
  group: ['fs', 'fs/*', 'net', 'http', 'https', 'process', 'child_process'].map((name) => `node:${name}`),
  message: PURE.message,
};
const ONLY_CONTRACTS: Forbidden = {
  group: ['../*', '**/catalog/**', '**/windows/**'],
  message: 'shared/contracts imports nothing of ours but itself.',
};

/** The command line is none of them: it may use the rooms of all. */
const SERVICES = ['collector', 'enricher', 'indexer', 'notifier', 'console'] as const;

function otherServices(own: string): Forbidden {
  const others = [...SERVICES.filter((service) => service !== own), 'cli'];
  return {
    group: others.map((service) => `**/${service}/**`),
    message: 'A service imports itself and shared/, never another service.',
  };
}

/** The folders of a room from the lowest floor up: none imports one above it. */
function floors(room: string, folders: readonly string[]): readonly Room[] {
  return folders.slice(0, -1).map((folder, floor) => {
    const above = folders.slice(floor + 1);
    const message = `In ${room}, ${folder}/ lies below ${above.join(', ')} and imports none of them.`;
    return { files: `${room}/${folder}/**`, forbids: [{ group: above.map((name) => `**/${name}/**`), message }] };
  });
}

/** From the outside in. */
const ROOMS: readonly Room[] = [
  { files: '**' },
  { files: 'shared/**', forbids: [NO_SERVICE, NO_TOOL] },
  { files: 'shared/kafka/**', imports: ['kafkajs'] },
  { files: 'shared/elasticsearch/**', imports: ['@elastic/elasticsearch'] },
  { files: 'shared/windows/**', forbids: [PURE, NO_NODE] },
  { files: 'shared/catalog/**', forbids: [PURE, NO_NODE] },
  { files: 'shared/contracts/**', forbids: [PURE, NO_NODE, ONLY_CONTRACTS] },
  ...SERVICES.map((name) => ({ files: `services/${name}/**`, forbids: [otherServices(name), NO_TOOL] })),
  ...floors('services/console', ['read', 'live', 'change', 'slack', 'api', 'pages']),
  ...floors('services/cli', ['evtx', 'catalog', 'incidents', 'deadletters', 'notify', 'send', 'setup', 'commands']),
  ...floors('services/notifier', [
    'channels',
    'redis',
    'policy',
    'incidents',
    'probe',
    'delivery',
    'groups',
    'recovery',
    'dispatch',
    'commands',
  ]),
  { files: 'services/notifier/delivery/**', imports: ['bullmq'] },
  { files: 'services/notifier/redis/client.ts', imports: ['ioredis'] },
  { files: 'deploy/**', imports: ['kafkajs', '@elastic/elasticsearch', 'ioredis'] },
  { files: 'test/**', imports: ALL_CLIENTS },
];

/** The file of rules as it should be. */
export function roomRules(): string {
  const overrides = ROOMS.map((room) => JSON.stringify(overrideOf(room)));
  return `{"overrides":[\n${overrides.join(',\n')}\n]}\n`;
}

function overrideOf(room: Room) {
  const around = ROOMS.filter(({ files }) => room.files === files || isIn(room.files, files));
  const allowed = new Set(around.flatMap(({ imports = [] }) => imports));
  const paths = ALL_CLIENTS.filter((name) => !allowed.has(name)).map((name) => ({ name, message: CLIENTS[name] }));
  const patterns = around.flatMap(({ forbids = [] }) => forbids);
  return { files: [room.files], rules: { 'no-restricted-imports': ['error', { paths, patterns }] } };
}

function isIn(files: string, around: string): boolean {
  return around.endsWith('**') && files.startsWith(around.slice(0, -2));
}
