// `npm run kibana`: writes foghorn.ndjson from the sources beside it.
import { writeFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { ndjson } from './saved-objects.ts';

const file = packagePath('deploy', 'kibana', 'foghorn.ndjson');
writeFileSync(file, ndjson());
process.stdout.write(`written  ${file}\n`);
