// syslog-ng of Debian, with its destinations for syslog, HTTP and Elasticsearch.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Loses } from './agent.ts';
import { debianAgent } from './debian.ts';
import { configurationOf } from './pages.ts';

const { root, program, env, find, build } = debianAgent('syslog-ng', 'usr/sbin/syslog-ng', {
  versionOption: '-V',
  version: /Installer-Version: (\d+\.\d+\.\d+)/u,
});

/** The folder of the disk buffers on the page. */
const BUFFERS = '/var/lib/syslog-ng';

function syslogNg(name: string, heading: string, loses: Loses): Agent {
  return {
    name: `syslog-ng-${name}`,
    loses,
    find,
    build,
    configure: ({ folder, file, fill }) => {
      const path = join(folder, 'syslog-ng.conf');
      // Two processes that name a new buffer in one folder at the same time take the same file, and
      // lose what the other writes.
      const sending = fill(configurationOf('syslog-ng', heading, 'syslog-ng')).replace(BUFFERS, () => folder);
      writeFileSync(path, `${reading(file)}${sending}`);
      const common = [`--cfgfile=${path}`, `--module-path=${root}/usr/lib/syslog-ng/3.38`];
      const own = ['persist-file', 'pidfile', 'control'].map((option) => `--${option}=${join(folder, option)}`);
      const args = [...common, ...own, '--foreground', '--no-caps'];
      return { command: program, args, checkArgs: [...common, ...own, '--syntax-only'], env };
    },
  };
}

function reading(file: string): string {
  return `@version: 3.38
@include "${root}/usr/share/syslog-ng/include/scl/elasticsearch/elastic-http.conf"
source s_windows { file("${file}" flags(no-parse) follow-freq(0.2)); };
`;
}

/** All of them. */
export const SYSLOG_NG: readonly Agent[] = [
  syslogNg('tls', 'Syslog by TLS', 'in-flight'),
  syslogNg('http', 'HTTP', 'nothing'),
  syslogNg('elasticsearch', 'Elasticsearch `_bulk`', 'nothing'),
];
