// A program of somebody else's, started for one test on a port of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { until } from './until.ts';

/** Starts it and waits until `url` answers well; it ends with the test. */
export async function startProgram(
  t: TestContext,
  { program, args, url }: { readonly program: string; readonly args: readonly string[]; readonly url: string },
): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await until(`${program} answers`, async () => (await fetch(url)).ok);
}
