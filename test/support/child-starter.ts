// A program that starts one child, given on its command line, as the local servers are started, for
// tests in which the child ends it.
import { createChildren } from '../../deploy/local/process.ts';

const [command = '', ...args] = process.argv.slice(2);
createChildren().start({ name: 'the child', command, args, cwd: process.cwd() });
setInterval(() => undefined, 60_000);
