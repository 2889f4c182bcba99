// The prerequisites on the machine: a JDK and Maven; start.cjs has checked Node. Built-ins only;
// the outside comes in as `machine`, so that it can be tested.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const MINIMUM = { jdk: [21], maven: [3, 8] };

/** The real machine. `run` gives what a program prints, or undefined when it cannot be run. */
export const thisMachine = {
  env: process.env,
  home: homedir(),
  exists: existsSync,
  list: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
  run: (program, args) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch {
      return undefined;
    }
  },
};

/**
 * What the local servers need (`javaHome` and `findMaven`), or the complaint (`missing`). Kafka and
 * Elasticsearch run on a JDK: who names clusters for both needs none, but Maven still, to fetch
 * Redis. It is asked for only when something has to be fetched: it takes a second to answer.
 */
export function findTools(machine) {
  const isNamed = (...names) => names.some((name) => (machine.env[name] ?? '') !== '');
  const tools = { findMaven: () => findMaven(machine) };
  if (isNamed('KAFKA_BROKERS', 'FOGHORN_KAFKA_BROKERS') && isNamed('ELASTICSEARCH_URL', 'FOGHORN_ELASTICSEARCH_NODES'))
    return tools;
  const { home, missing } = findJdk(machine);
  return missing === undefined ? { ...tools, javaHome: home } : { missing };
}

/**
 * The home of a JDK that is new enough (`{ home }`), or the complaint (`{ missing }`) with
 * everything that was looked at.
 */
export function findJdk(machine) {
  const seen = [];
  for (const home of jdkHomes(machine)) {
    const version = jdkVersion(machine, home);
    if (version === undefined) continue;
    if (isAtLeast(version, MINIMUM.jdk)) return { home };
    seen.push(`${home} is ${version.join('.')}`);
  }
  const found = seen.length === 0 ? 'none was found' : `found only: ${seen.join(', ')}`;
  return {
    missing: `A JDK ${MINIMUM.jdk.join('.')} or newer (with javac) is needed for the local Kafka and Elasticsearch; ${found}. Looked at JAVA_HOME, PATH, ${jdkFolders(machine).join(', ')}.`,
  };
}

/** The Maven program that is new enough (`{ program }`), or the complaint (`{ missing }`). */
export function findMaven(machine) {
  const { MAVEN_HOME, M2_HOME, PATH } = machine.env;
  const homes = [MAVEN_HOME, M2_HOME, '/usr/share/maven', '/opt/maven', '/opt/homebrew'].filter(
    (home) => home !== undefined && home !== '',
  );
  const programs = [
    ...homes.slice(0, -3).map((home) => join(home, 'bin', 'mvn')),
    ...onPath(PATH, 'mvn'),
    ...homes.slice(-3).map((home) => join(home, 'bin', 'mvn')),
  ];
  const seen = [];
  for (const program of new Set(programs)) {
    if (!machine.exists(program)) continue;
    const text = machine.run(program, ['--version']) ?? '';
    const version = numbersOf(/Apache Maven ([\d.]+)/u.exec(text)?.[1] ?? '');
    if (isAtLeast(version, MINIMUM.maven)) return { program };
    seen.push(version.length === 0 ? `${program} does not run` : `${program} is ${version.join('.')}`);
  }
  const found = seen.length === 0 ? 'none was found' : `found only: ${seen.join(', ')}`;
  return {
    missing: `Maven ${MINIMUM.maven.join('.')} or newer is needed once, to fetch the local servers; ${found}. Looked at MAVEN_HOME, PATH, ${homes.join(', ')}.`,
  };
}

function jdkFolders({ home }) {
  return [
    '/usr/lib/jvm',
    '/Library/Java/JavaVirtualMachines',
    '/opt',
    '/opt/java',
    `${home}/.sdkman/candidates/java`,
    `${home}/.jdks`,
  ];
}

function* jdkHomes(machine) {
  if (machine.env.JAVA_HOME) yield machine.env.JAVA_HOME;
  for (const program of onPath(machine.env.PATH, 'java')) {
    if (!machine.exists(program)) continue;
    const home = /java\.home = (.*)/u.exec(
      machine.run('/bin/sh', ['-c', '"$0" -XshowSettings:properties -version 2>&1', program]) ?? '',
    )?.[1];
    if (home !== undefined) yield home.trim();
  }
  for (const folder of jdkFolders(machine))
    for (const name of machine.list(folder)) {
      yield join(folder, name);
      yield join(folder, name, 'Contents', 'Home');
    }
}

/** Undefined when there is no JDK in `home`. */
function jdkVersion(machine, home) {
  const java = join(home, 'bin', 'java');
  if (!machine.exists(java) || !machine.exists(join(home, 'bin', 'javac'))) return undefined;
  const text = machine.run(java, ['--version']) ?? '';
  const version = numbersOf(/\s(\d+(?:\.\d+)*)/u.exec(text)?.[1] ?? '');
  return version.length === 0 ? undefined : version;
}

function onPath(path, name) {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name));
}

function numbersOf(version) {
  return version === '' ? [] : version.split('.').map(Number);
}

function isAtLeast(version, minimum) {
  for (const [place, wanted] of minimum.entries()) {
    const part = version[place] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return version.length > 0;
}
