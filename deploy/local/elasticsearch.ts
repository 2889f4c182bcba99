// The local Elasticsearch: one node from its published jars, with the HTTP module and the small
// plugin that serves GET /.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { fetchJars } from './jars.ts';
import { choosePort, preferredPort } from './ports.ts';
import { untilDone, untilReady } from './ready.ts';
import type { LocalServer, ServerContext } from './server.ts';

const PORT = 19_200;
const JVM_OPTIONS = ['-Xms512m', '-Xmx1g', '-XX:+UseSerialGC', '--enable-native-access=ALL-UNNAMED'];
/**
 * Jars of the HTTP module; on the server's own class path they would be found twice, which the
 * server refuses.
 */
const MODULE_JARS = /^(?:transport-netty4|netty-|elasticsearch-ssl-config)/u;

/**
 * Fetches, assembles and starts it; resolves when it answers with a cluster state that takes
 * writes.
 */
export async function startElasticsearch(context: ServerContext): Promise<LocalServer> {
  const { dataFolder, javaHome, children, progress, signal, settings = {} } = context;
  const jars = await fetchJars({ ...context, profile: 'elasticsearch', folder: context.jarFolder });
  const home = join(context.jarFolder, 'elasticsearch', 'home');
  const classPath = readdirSync(jars)
    .filter((name) => !MODULE_JARS.test(name))
    .map((name) => join(jars, name))
    .join(':');
  const logFile = join(context.logFolder, 'elasticsearch.log');
  await assemble({ context, home, jars, classPath, logFile });
  const port = await preferredPort('Elasticsearch', context.port ?? (context.ports === 'fixed' ? PORT : 0), progress);
  const transportPort = await choosePort(context.ports === 'fixed' ? PORT + 100 : undefined);
  const data = join(dataFolder, 'elasticsearch');
  const temporary = join(data, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const nodeName = settings['node.name'] ?? `foghorn-local-${randomUUID()}`;
  const child = children.start({
    name: 'Elasticsearch',
    command: join(javaHome ?? '', 'bin', 'java'),
    args: [
      ...JVM_OPTIONS,
      ...(context.jvmOptions ?? []),
      `-Djava.io.tmpdir=${temporary}`,
      '-cp',
      `${join(home, 'launcher')}:${classPath}`,
      'Launcher',
      home,
      data,
      String(port),
      String(transportPort),
      nodeName,
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ],
    cwd: data,
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  progress('Elasticsearch is starting …');
  await untilReady(
    child,
    async () =>
      (await nodeNameAt(url)) === nodeName &&
      (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`)).ok,
    { logFile, signal },
  );
  progress(`Elasticsearch is ready on ${url}`);
  return { name: 'Elasticsearch', address: url, child };
}

/**
 * Another Elasticsearch may have taken the port meanwhile: the name identifies the one started
 * here.
 */
async function nodeNameAt(url: string): Promise<unknown> {
  return ((await (await fetch(url)).json()) as { readonly name?: unknown }).name;
}

interface Assembly {
  readonly context: ServerContext;
  readonly home: string;
  readonly jars: string;
  readonly classPath: string;
  readonly logFile: string;
}

/**
 * Lays out `home` with its two modules and compiles the launcher; done again only when the jars or
 * the sources changed.
 */
async function assemble({ context, home, jars, classPath, logFile }: Assembly): Promise<void> {
  const sources = ['Launcher.java', 'RootPlugin.java'].map((name) =>
    packagePath('deploy', 'local', 'elasticsearch', name),
  );
  const stamp = join(home, 'assembled.sha256');
  const hash = createHash('sha256')
    .update(readdirSync(jars).join())
    .update(Buffer.concat(sources.map((source) => readFileSync(source))))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  rmSync(home, { recursive: true, force: true });
  for (const folder of ['config', 'plugins', 'launcher', 'modules/transport-netty4', 'modules/foghorn-root'])
    mkdirSync(join(home, folder), { recursive: true });
  for (const name of readdirSync(jars).filter((jar) => MODULE_JARS.test(jar)))
    copyFileSync(join(jars, name), join(home, 'modules/transport-netty4', name));
  const version =
    /elasticsearch-([\d.]+)\.jar/u.exec(readdirSync(jars).find((name) => /^elasticsearch-\d/u.test(name)) ?? '')?.[1] ??
    '';
  describeModule(home, version, {
    name: 'transport-netty4',
    className: 'org.elasticsearch.transport.netty4.Netty4Plugin',
  });
  describeModule(home, version, { name: 'foghorn-root', className: 'foghorn.RootPlugin' });
  const plugin = join(home, 'plugin-classes');
  const run = async (tool: string, args: readonly string[]): Promise<void> => {
    const child = context.children.start({
      name: tool,
      command: join(context.javaHome ?? '', 'bin', tool),
      args,
      cwd: home,
      logFile,
    });
    await untilDone(child, { logFile, signal: context.signal });
  };
  await run('javac', ['-nowarn', '-cp', classPath, '-d', join(home, 'launcher'), sources[0] ?? '']);
  await run('javac', ['-nowarn', '-cp', classPath, '-d', plugin, sources[1] ?? '']);
  await run('jar', ['--create', '--file', join(home, 'modules/foghorn-root/foghorn-root.jar'), '-C', plugin, '.']);
  writeFileSync(stamp, hash);
}

function describeModule(
  home: string,
  version: string,
  module: { readonly name: string; readonly className: string },
): void {
  const lines = [
    `name=${module.name}`,
    `description=${module.name}`,
    `version=${version}`,
    `elasticsearch.version=${version}`,
    'java.version=21',
    `classname=${module.className}`,
    'has.native.controller=false',
    'licensed=false',
  ];
  writeFileSync(join(home, 'modules', module.name, 'plugin-descriptor.properties'), `${lines.join('\n')}\n`);
}
