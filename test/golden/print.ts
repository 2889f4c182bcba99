// Prints the comparison with Winlogbeat's documents as Markdown: node dist/test/golden/print.js
// [FOLDER].
import { join } from 'node:path';
import { dataFolder, NO_DATA } from '../support/data-folder.ts';
import { compareGolden, comparisonTable } from './compare.ts';

const given = process.argv[2];
const folder = given ?? dataFolder();
if (folder === undefined) {
  process.stderr.write(`${NO_DATA}\n`);
  process.exitCode = 1;
} else {
  const comparison = await compareGolden(given === undefined ? join(folder, 'winlogbeat-golden') : folder);
  process.stdout.write(comparisonTable(comparison));
  for (const line of comparison.unexplained) process.stdout.write(`without a reason: ${line}\n`);
}
