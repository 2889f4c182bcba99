// `npm run docs`: writes the generated parts of the documentation.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { GENERATED_FILES } from './files.ts';

for (const { path, make } of GENERATED_FILES) {
  const present = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const wanted = make(present);
  if (wanted !== present) writeFileSync(path, wanted);
  process.stdout.write(`${wanted === present ? 'unchanged' : 'written'}  ${path}\n`);
}
