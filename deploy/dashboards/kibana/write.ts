// `npm run kibana`: writes foghorn.ndjson, and the dashboards as the Dashboards API takes them,
// from the sources beside it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { kibanaFiles } from './files.ts';

for (const { path, text } of kibanaFiles()) {
  const file = packagePath('deploy', 'dashboards', 'kibana', ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`written  ${file}\n`);
}
