// rsyslog from syslog to Kafka (imtcp, omkafka): the peer of the syslog input, where Debian's
// packages rsyslog and rsyslog-kafka are installed.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicName } from '../../shared/contracts/topics.ts';
import type { Bench } from './corner.ts';
import type { Peer } from './peer.ts';

/** As `DEBIAN_AGENTS` names the folder with unpacked packages, or as they are installed. */
const { DEBIAN_AGENTS } = process.env;
const ROOT = DEBIAN_AGENTS === undefined ? '/' : join(DEBIAN_AGENTS, 'rsyslog');
const PROGRAM = join(ROOT, 'usr', 'sbin', 'rsyslogd');
const LIBRARIES = join(ROOT, 'usr', 'lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`);
const MODULES = ['-M', join(LIBRARIES, 'rsyslog')];
const ENV = { ...process.env, LD_LIBRARY_PATH: LIBRARIES };

/** The peer of the syslog input. */
export const rsyslog: Peer = {
  name: 'rsyslog, syslog by TCP to Kafka',
  prepare: (bench, { port, folder }) => {
    const file = join(folder, 'rsyslog.conf');
    writeFileSync(file, configuration(bench, { port, folder }));
    const { status } = spawnSync(PROGRAM, [...MODULES, '-N1', '-f', file], { stdio: 'ignore', env: ENV });
    if (status !== 0) return undefined;
    return { command: PROGRAM, args: [...MODULES, '-n', '-f', file, '-i', join(folder, 'pid')], env: ENV };
  },
};

/** Keeps the message as it came, and asks for all in-sync replicas, as the collector does. */
function configuration(bench: Bench, { port, folder }: { readonly port: number; readonly folder: string }): string {
  const [broker] = bench.settings.brokers;
  return `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imtcp")
module(load="omkafka")
template(name="whole" type="string" string="%rawmsg%")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="kafka")
ruleset(name="kafka") {
  action(type="omkafka" broker=["${broker}"] topic="${topicName(bench.settings.topicPrefix, 'raw')}" template="whole"
    partitions.auto="on" confParam=["acks=all", "queue.buffering.max.messages=100000"]
    queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="1024")
}
`;
}
