#!/usr/bin/env node
// `foghorn` as a process: its arguments, its two streams, Ctrl-C, its exit code.
import { createOutput } from './terminal.ts';
import { runVerb } from './verbs.ts';

const EXIT_INTERRUPTED = 130;

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const code = await runVerb(process.argv.slice(2), {
  ...createOutput({ out: process.stdout, err: process.stderr }),
  signal: interrupted.signal,
});
process.exit(interrupted.signal.aborted ? EXIT_INTERRUPTED : code);
