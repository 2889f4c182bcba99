// The OpenTelemetry Collector, made of published modules by its own builder.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import type { Agent, Found } from './agent.ts';
import { goBuild } from './go-build.ts';
import { configurationOf } from './pages.ts';

const FOLDER = join(STATE_FOLDER, 'agents');
/** Its program, as `dist` in builder.yaml has it. */
export const OTELCOL_PROGRAM = join(FOLDER, 'otelcol', 'otelcol');

/** Its version, or why it cannot be run. */
export function findOtelcol(): Found {
  if (!existsSync(OTELCOL_PROGRAM))
    return { missing: 'the OpenTelemetry Collector: npm run agents -- otelcol builds it' };
  const { stdout } = spawnSync(OTELCOL_PROGRAM, ['--version'], { encoding: 'utf8' });
  const version = /version (\d[\d.]*)/u.exec(stdout)?.[1];
  return version === undefined ? { missing: `${OTELCOL_PROGRAM} does not run` } : { version };
}

const build = goBuild({
  folder: FOLDER,
  args: [
    'run',
    'go.opentelemetry.io/collector/cmd/builder@v0.148.0',
    '--config',
    packagePath('test', 'agents', 'otelcol', 'builder.yaml'),
  ],
});

function otelcol(name: string, heading: string): Agent {
  return {
    name: `otelcol-${name}`,
    loses: 'nothing',
    find: findOtelcol,
    build,
    configure: ({ folder, file, fill }) => {
      const shown = fill(configurationOf('otel-collector', heading, 'yaml')).replace('C:\\foghorn', () => folder);
      const files = { 'reading.yaml': reading(file), 'foghorn.yaml': shown };
      const args = Object.entries(files).flatMap(([fileName, text]) => {
        const path = join(folder, fileName);
        writeFileSync(path, text);
        return ['--config', path];
      });
      return { command: OTELCOL_PROGRAM, args, checkArgs: ['validate', ...args] };
    },
  };
}

/**
 * From the beginning and by whole lines, however slowly the file is written. Without metrics: the
 * collectors would ask for one port.
 */
function reading(file: string): string {
  return `receivers:
  filelog:
    include: ['${file}']
    start_at: beginning
    force_flush_period: 0s
    storage: file_storage
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [filelog] }
`;
}

/** All of them. */
export const OTELCOL: readonly Agent[] = [otelcol('otlp', 'OTLP'), otelcol('kafka', 'Kafka')];
