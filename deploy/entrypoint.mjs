// The entry point of the image: takes the service's name off the arguments and starts that service
// in this process, so that signals reach it.
import { existsSync, readdirSync } from 'node:fs';

const EXIT_USAGE = 64;
const services = new URL('../dist/services/', import.meta.url);
const names = readdirSync(services)
  .filter((name) => existsSync(new URL(`${name}/main.js`, services)))
  .sort();

const [name] = process.argv.splice(2, 1);
if (names.includes(name)) await import(new URL(`${name}/main.js`, services).href);
else {
  const complaint = name === undefined ? 'The service to run is missing' : `There is no service "${name}"`;
  process.stderr.write(`${complaint}. Give one of: ${names.join(', ')}; then its options, e.g. --help.\n`);
  process.exitCode = EXIT_USAGE;
}
