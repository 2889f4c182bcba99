// Filebeat, built from the module that Elastic publishes, with the outputs that every Beat has.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import type { Agent } from './agent.ts';
import { goBuild } from './go-build.ts';
import { configurationOf } from './pages.ts';

const PROGRAM = join(STATE_FOLDER, 'agents', 'filebeat');

function find() {
  if (!existsSync(PROGRAM)) return { missing: 'filebeat: npm run agents -- filebeat builds it' };
  const { stdout } = spawnSync(PROGRAM, ['version'], { encoding: 'utf8' });
  const version = /version (\d[\d.]*)/u.exec(stdout)?.[1];
  return version === undefined ? { missing: `${PROGRAM} does not run` } : { version };
}

const build = goBuild({
  folder: packagePath('test', 'agents', 'filebeat'),
  args: ['build', '-o', PROGRAM, 'github.com/elastic/beats/v7/filebeat'],
});

function filebeat(name: string, heading: string): Agent {
  return {
    name: `filebeat-${name}`,
    loses: 'nothing',
    find,
    build,
    configure: ({ folder, file, fill }) => {
      const path = join(folder, 'filebeat.yml');
      writeFileSync(path, `${reading(file)}${fill(configurationOf('filebeat', heading, 'yaml'))}`, { mode: 0o600 });
      const common = ['-c', path, '--path.home', folder, '-e'];
      return { command: PROGRAM, args: common, checkArgs: ['test', 'config', ...common] };
    },
  };
}

function reading(file: string): string {
  return `filebeat.inputs:
  - type: filestream
    id: events
    paths: ['${file}']
    prospector.scanner.check_interval: 1s
`;
}

/** All of them. */
export const FILEBEAT: readonly Agent[] = [
  filebeat('lumberjack', 'Lumberjack'),
  filebeat('elasticsearch', 'Elasticsearch `_bulk`'),
  filebeat('kafka', 'Kafka'),
];
