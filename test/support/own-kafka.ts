// A Kafka of a test's own, to be stopped, hung and killed; the shared one has to stay well for the others.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startKafka } from '../../deploy/local/kafka.ts';
import { createChildren } from '../../deploy/local/process.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';

/** A broker that can be made sick. */
export interface OwnKafka {
  readonly brokers: string;
  /** It keeps its connections and answers nothing. */
  hang(): void;
  /** It goes on where it hung. */
  goOn(): void;
  /** SIGKILL. */
  kill(): void;
}

interface Prerequisites {
  readonly thisMachine: unknown;
  findJdk(machine: unknown): { readonly home?: string; readonly missing?: string };
  findMaven(machine: unknown): { readonly program?: string; readonly missing?: string };
}

/** Starts it; gives the reason instead when this machine has no JDK, as with clusters that are named. */
export async function startOwnKafka(t: TestContext): Promise<OwnKafka | string> {
  const file = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
  const { findJdk, findMaven, thisMachine } = (await import(file)) as Prerequisites;
  const jdk = findJdk(thisMachine);
  if (jdk.home === undefined) return jdk.missing ?? 'there is no JDK';
  const dataFolder = mkdtempSync(join(tmpdir(), 'foghorn-kafka-'));
  const children = createChildren();
  t.after(async () => {
    signal('SIGCONT');
    await children.stopAll();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  const jarFolder = join(STATE_FOLDER, 'servers');
  mkdirSync(jarFolder, { recursive: true });
  const { address, child } = await startKafka({
    jarFolder,
    dataFolder,
    logFolder: dataFolder,
    javaHome: jdk.home,
    ports: 'free',
    env: process.env,
    children,
    signal: t.signal,
    findMaven: () => findMaven(thisMachine),
    progress: () => undefined,
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  return {
    brokers: address,
    hang: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    kill: () => signal('SIGKILL'),
  };
}
