// Kafka's own Java client as a child process, from the jars of the local servers.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';

/**
 * A batch that Java sends to partition 0: `count` records of at least `bytes`, each beginning with
 * `<codec> <mode> <number> `.
 */
export interface JavaBatch {
  readonly topic: string;
  readonly codec: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly count: number;
  readonly bytes: number;
  /** Whether it is a transaction, and how that ends. */
  readonly mode: 'none' | 'commit' | 'abort';
  /** The value of each record, instead. */
  readonly value?: string;
}

const LIMIT_MS = 120_000;

/**
 * Sends; gives the reason instead where there is no JDK or where the jars are not there (Kafka is
 * one that was named).
 */
export async function sendByJava(brokers: string, batches: readonly JavaBatch[]): Promise<string | undefined> {
  const file = pathToFileURL(packagePath('deploy', 'local', 'prerequisites.mjs')).href;
  const { findJdk, thisMachine } = (await import(file)) as {
    readonly thisMachine: unknown;
    findJdk(machine: unknown): { readonly home?: string; readonly missing?: string };
  };
  const { home, missing } = findJdk(thisMachine);
  const jars = join(STATE_FOLDER, 'servers', 'kafka', 'jars');
  if (home === undefined) return missing ?? 'there is no JDK';
  if (!existsSync(jars)) return 'the jars of the local Kafka are not there';
  const source = packagePath('test', 'support', 'JavaProducer.java');
  const sends = batches.map(({ topic, codec, count, bytes, mode, value = '' }) =>
    [topic, codec, count, bytes, mode, Buffer.from(value).toString('base64')].join(','),
  );
  await promisify(execFile)(join(home, 'bin', 'java'), ['-cp', join(jars, '*'), source, brokers, ...sends], {
    timeout: LIMIT_MS,
  });
  return undefined;
}
