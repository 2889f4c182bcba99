// kcat of Debian: each line that comes into a file becomes a record of a topic.
import type { Agent } from './agent.ts';
import { debianAgent } from './debian.ts';
import { configurationOf } from './pages.ts';

const { program, env, find, build } = debianAgent('kcat', 'usr/bin/kcat', {
  versionOption: '-V',
  version: /^Version (\d[\d.]*)/mu,
});

/** In the loop of its page. */
export const KCAT: Agent = {
  name: 'kcat',
  loses: 'nothing',
  find,
  build,
  configure: ({ file, fill }) => {
    const shown = fill(configurationOf('kcat', 'Kafka', 'shell'))
      .replaceAll('/var/log/windows.json', () => file)
      .replace(/(?<=^\s*)kcat/mu, () => program);
    // A shell that is stopped leaves the programs of its pipe.
    const command = `trap 'trap - TERM; kill 0' TERM\n{ ${shown}} & wait $!`;
    return { command: 'bash', args: ['-c', command], env };
  },
};
