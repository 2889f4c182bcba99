// rsyslog of Debian, with its outputs for syslog, Elasticsearch and Kafka.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Loses } from './agent.ts';
import { debianAgent } from './debian.ts';
import { configurationOf } from './pages.ts';

const { program, libraries, env, find, build } = debianAgent('rsyslog', 'usr/sbin/rsyslogd', {
  versionOption: '-v',
  version: /^rsyslogd\s+(\d[\w.]*)/u,
});

function rsyslog(name: string, heading: string, loses: Loses): Agent {
  return {
    name: `rsyslog-${name}`,
    loses,
    find,
    build,
    configure: ({ folder, file, fill }) => {
      const path = join(folder, 'rsyslog.conf');
      const shown = configurationOf('rsyslog', heading, 'rsyslog').replace('/var/spool/rsyslog', folder);
      writeFileSync(path, `${reading(folder, file)}${fill(shown)}`);
      const common = ['-f', path, '-M', join(libraries, 'rsyslog')];
      const args = [...common, '-n', '-i', join(folder, 'pid')];
      return {
        command: program,
        args,
        checkArgs: [...common, '-N1'],
        env,
        givenUp: join(folder, 'foghorn-refused.json'),
      };
    },
  };
}

function reading(folder: string, file: string): string {
  return `global(workDirectory="${folder}")
module(load="imfile")
input(type="imfile" file="${file}" tag="windows")
`;
}

/** All of them. */
export const RSYSLOG: readonly Agent[] = [
  rsyslog('tcp', 'Syslog by TCP', 'in-flight'),
  rsyslog('tls', 'Syslog by TLS', 'unread'),
  rsyslog('udp', 'Syslog by UDP', 'datagrams'),
  rsyslog('elasticsearch', 'Elasticsearch `_bulk`', 'unread'),
  rsyslog('kafka', 'Kafka', 'nothing'),
];
