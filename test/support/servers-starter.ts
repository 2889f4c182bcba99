// A program that starts the local servers in a folder, for tests that kill it: says each step on
// standard output and then waits.
import { createChildren } from '../../deploy/local/process.ts';
import { startServers } from '../../deploy/local/servers.ts';

const [stateFolder = '', dataFolder = '', javaHome = ''] = process.argv.slice(2);
const addresses = await startServers({
  javaHome,
  findMaven: () => ({ missing: 'everything is fetched already' }),
  stateFolder,
  dataFolder,
  ports: 'free',
  env: { PATH: process.env['PATH'] },
  children: createChildren(),
  signal: new AbortController().signal,
  progress: (line) => console.log(line),
});
console.log(`all ready ${JSON.stringify(addresses)}`);
// The children do not keep a program alive that has nothing else to do.
setInterval(() => undefined, 60_000);
