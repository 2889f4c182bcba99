// The `npm start` that runs in this checkout: where its servers and services are, so that a command
// without settings finds them, whatever ports they have.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type ConfigSource, readConfigSource } from '../../shared/runtime/config.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';

const schema = z.object({
  /** Its process; once that is gone the addresses are nobody's. */
  pid: z.int().min(1),
  eventsUrl: z.string(),
  /** Settings by their path, e.g. `console.url`. */
  settings: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** What `npm start` writes down. */
export type RunningStart = z.infer<typeof schema>;

/** Where it writes it. */
export const RUNNING_START_FILE = packagePath('.foghorn', 'start', 'running.json');

/** Undefined where none runs. */
export function runningStart(file = RUNNING_START_FILE): RunningStart | undefined {
  try {
    const start = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    process.kill(start.pid, 0);
    return start;
  } catch {
    // No file, one of another version, or of a process that is gone: there is nothing to find.
    return undefined;
  }
}

/**
 * As `readConfigSource`, with the addresses of a running `npm start` where nothing else names them.
 */
export function cliConfigSource(configFile: string | undefined): ConfigSource {
  const start = runningStart();
  const source = readConfigSource(configFile);
  return start === undefined ? source : { ...source, defaults: start.settings };
}
