// Elastic's own client of Lumberjack (go-lumber), built once where Go is there: what it sends, and
// what it was answered.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';

const BUILD_LIMIT_MS = 300_000;

/** The client's program, or why there is none. */
export type BuiltClient = { readonly path: string } | { readonly missing: string };

let built: BuiltClient | undefined;

/** Builds the client, the first time it is asked for. */
export function lumberjackClient(): BuiltClient {
  built ??= build();
  return built;
}

function build(): BuiltClient {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-lumberjack-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'client');
  const { status, stderr, error } = spawnSync('go', ['build', '-o', path, '.'], {
    cwd: packagePath('test', 'support', 'lumberjack-client'),
    encoding: 'utf8',
    timeout: BUILD_LIMIT_MS,
  });
  if (status === 0) return { path };
  const detail = error?.message ?? stderr.trim().split('\n').at(-1);
  return { missing: `Go and the module github.com/elastic/go-lumber: ${detail}` };
}

/** The answers to the client. */
export interface ClientResult {
  readonly acknowledged: number;
  readonly connections: number;
  /** Empty for none. */
  readonly error: string;
}

/** Sends events, JSON each, with options as the program has them; resolves when it has ended. */
export async function sendWithClient(
  path: string,
  events: readonly string[],
  options: Readonly<Record<string, string | number>>,
): Promise<ClientResult> {
  const args = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += String(chunk);
  });
  child.stdin.end(`${events.join('\n')}\n`);
  await once(child, 'close');
  return JSON.parse(out) as ClientResult;
}
