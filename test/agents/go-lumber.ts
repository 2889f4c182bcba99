// Elastic's own client of Lumberjack, as Beats have it.
import { lumberjackClient } from '../support/lumberjack-client.ts';
import type { Agent } from './agent.ts';

const ARGUMENTS =
  '-address=127.0.0.1:5044 -window=200 -retry-for=5m -ca=/etc/foghorn/ca.pem -cert=/etc/foghorn/agent.pem -key=/etc/foghorn/agent-key.pem';

/** Elastic's library go-lumber, by TLS with a client certificate. */
export const GO_LUMBER: Agent = {
  name: 'go-lumber',
  loses: 'nothing',
  find: () => {
    const client = lumberjackClient();
    return 'missing' in client ? client : { version: '0.1.0' };
  },
  configure: ({ file, fill }) => {
    const client = lumberjackClient();
    if ('missing' in client) throw new Error(client.missing);
    return { command: client.path, args: [`-follow=${file}`, ...fill(ARGUMENTS).split(' ')] };
  },
};
