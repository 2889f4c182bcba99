// Finding a JDK and Maven on machines of all kinds: folder trees with small programs that say a
// version.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  exists(file: string): boolean;
  list(folder: string): readonly string[];
  run(program: string, args: readonly string[]): string | undefined;
}

interface Prerequisites {
  readonly thisMachine: Machine;
  findTools(machine: Machine): {
    readonly javaHome?: string;
    readonly missing?: string;
    findMaven?(): { readonly program?: string; readonly missing?: string };
  };
  findJdk(machine: Machine): { readonly home?: string; readonly missing?: string };
  findMaven(machine: Machine): { readonly program?: string; readonly missing?: string };
}

const file = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
const { findJdk, findMaven, findTools, thisMachine } = (await import(file)) as Prerequisites;

/** A machine that has nothing but what lies in a folder of the test. */
function machineIn(
  t: TestContext,
  env: (root: string) => Machine['env'] = () => ({}),
): Machine & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'foghorn "$machine" '));
  t.after(() => rmSync(root, { recursive: true }));
  return {
    ...thisMachine,
    root,
    env: env(root),
    home: join(root, 'home'),
    exists: (path) => path.startsWith(root) && existsSync(path),
    list: (folder) => (folder.startsWith(root) ? thisMachine.list(folder) : []),
  };
}

function program(path: string, lines: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return path;
}

/** A JDK, or a JRE, that says `version`, the way `java` says it to either question. */
function java(home: string, version: string, isJdk = true): string {
  program(
    join(home, 'bin', 'java'),
    `case "$1" in --version) echo 'openjdk ${version} 2026-01-01';; *) printf '    java.home = %s\\n' "$(dirname "$(dirname "$0")")" >&2;; esac`,
  );
  if (isJdk) program(join(home, 'bin', 'javac'), '');
  return home;
}

const maven = (path: string, version: string): string => program(path, `echo 'Apache Maven ${version} (abc)'`);

test('a JDK of JAVA_HOME comes first', (t) => {
  const machine = machineIn(t, (root) => ({ JAVA_HOME: join(root, 'named'), PATH: join(root, 'path', 'bin') }));
  java(join(machine.root, 'path'), '25');
  const home = java(join(machine.root, 'named'), '21.0.4');
  assert.deepEqual(findJdk(machine), { home });
});

test('a JDK on the path is found by what it says of itself, in a folder with quotes and blanks', (t) => {
  const machine = machineIn(t, (root) => ({
    JAVA_HOME: '',
    PATH: ['', join(root, 'none'), join(root, 'path', 'bin')].join(delimiter),
  }));
  const home = java(join(machine.root, 'path'), '25-ea');
  assert.deepEqual(findJdk(machine), { home });
});

test('too old a JDK, a JRE without a compiler and a broken one are passed over for one in the home folder', (t) => {
  const machine = machineIn(t, (root) => ({
    JAVA_HOME: join(root, 'old'),
    PATH: [join(root, 'jre', 'bin'), join(root, 'broken', 'bin')].join(delimiter),
  }));
  java(join(machine.root, 'old'), '17.0.9');
  java(join(machine.root, 'jre'), '25', false);
  program(join(machine.root, 'broken', 'bin', 'java'), 'exit 1');
  program(join(machine.root, 'broken', 'bin', 'javac'), '');
  const home = java(join(machine.home, '.jdks', 'temurin-21'), '21');
  assert.deepEqual(findJdk(machine), { home });
});

test('a JDK as macOS lays it out', (t) => {
  const machine = machineIn(t);
  const home = java(join(machine.home, '.jdks', 'jdk-24.jdk', 'Contents', 'Home'), '24.0.1');
  assert.deepEqual(findJdk(machine), { home });
});

test('without a JDK it is said what was found and where it was looked for', (t) => {
  const machine = machineIn(t, (root) => ({ JAVA_HOME: join(root, 'old') }));
  assert.match(findJdk(machine).missing ?? '', /JDK 21 or newer.*none was found.*JAVA_HOME, PATH.*\.sdkman/u);
  java(join(machine.root, 'old'), '20.0.2');
  assert.match(findJdk(machine).missing ?? '', /found only: .*old is 20\.0\.2/u);
});

test('Maven: MAVEN_HOME before M2_HOME before the path, the old and the broken passed over', (t) => {
  const machine = machineIn(t, (root) => ({
    MAVEN_HOME: join(root, 'one'),
    M2_HOME: join(root, 'two'),
    PATH: join(root, 'path'),
  }));
  const onPath = maven(join(machine.root, 'path', 'mvn'), '3.8.7');
  assert.deepEqual(findMaven(machine), { program: onPath });
  const two = maven(join(machine.root, 'two', 'bin', 'mvn'), '3.9.9');
  assert.deepEqual(findMaven(machine), { program: two });
  program(join(machine.root, 'one', 'bin', 'mvn'), 'exit 1');
  assert.deepEqual(findMaven(machine), { program: two });
  const one = maven(join(machine.root, 'one', 'bin', 'mvn'), '4.0.0');
  assert.deepEqual(findMaven(machine), { program: one });
});

test('without Maven it is said what was found', (t) => {
  const machine = machineIn(t, (root) => ({ PATH: [join(root, 'a'), join(root, 'b')].join(delimiter) }));
  assert.match(findMaven(machine).missing ?? '', /Maven 3\.8 or newer.*none was found.*MAVEN_HOME, PATH/u);
  maven(join(machine.root, 'a', 'mvn'), '3.6.3');
  program(join(machine.root, 'b', 'mvn'), 'exit 1');
  assert.match(findMaven(machine).missing ?? '', /found only: .*mvn is 3\.6\.3, .*mvn does not run/u);
});

test('who names clusters for Kafka and Elasticsearch needs no JDK, but Maven is found, and where it was looked for is said', (t) => {
  const machine = machineIn(t, (root) => ({
    KAFKA_BROKERS: 'kafka:9092',
    FOGHORN_ELASTICSEARCH_NODES: 'http://elastic:9200',
    PATH: join(root, 'path'),
  }));
  const { javaHome, missing, findMaven: find } = findTools(machine);
  assert.deepEqual([javaHome, missing], [undefined, undefined]);
  assert.match(find?.().missing ?? '', /Looked at MAVEN_HOME, PATH/u);
  const mvn = maven(join(machine.root, 'path', 'mvn'), '3.9.9');
  assert.deepEqual(find?.(), { program: mvn });
});

test('with one of the two a JDK is needed', (t) => {
  const machine = machineIn(t, (root) => ({
    KAFKA_BROKERS: 'kafka:9092',
    ELASTICSEARCH_URL: '',
    JAVA_HOME: join(root, 'jdk'),
  }));
  assert.match(findTools(machine).missing ?? '', /JDK 21 or newer/u);
  const home = java(join(machine.root, 'jdk'), '25');
  assert.equal(findTools(machine).javaHome, home);
});
