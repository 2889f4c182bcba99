// Gives Node the mutant in the place of the file: `node --import` this, with MUTATED_URL and
// MUTANT_FILE in the environment. No file is changed.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { afterEach } from 'node:test';
import { isMainThread } from 'node:worker_threads';

interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit: true;
}

if (isMainThread) {
  register(import.meta.url);
  // One failure is enough.
  afterEach((t) => {
    if ('passed' in t && !t.passed) process.exit(1);
  });
}

/** Node's hook (https://nodejs.org/api/module.html#loadurl-context-nextload). */
export async function load(
  url: string,
  context: unknown,
  nextLoad: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  if (url !== process.env['MUTATED_URL']) return await nextLoad(url, context);
  const source = readFileSync(process.env['MUTANT_FILE'] ?? '', 'utf8');
  return { format: 'module', source, shortCircuit: true };
}
