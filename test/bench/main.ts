// `npm run bench`: each stage and the whole way beside the bare ceilings of the same servers, in one run. Reports; asserts nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { startServers } from '../../deploy/local/servers.ts';
import { bulkCeiling, produceCeiling } from './ceilings.ts';
import { createBench } from './corner.ts';
import { benchCollector, benchEnricher, benchIndexer, benchWholeWay } from './stages.ts';
import { printReport, type Result } from './report.ts';

const EVENTS = Number(process.argv[2] ?? 100_000);

const servers = await startServers({
  stateDir: packagePath('.foghorn'),
  ports: 'free',
  env: process.env,
  progress: (line) => process.stdout.write(`${line}\n`),
});
const folder = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
try {
  const results: Result[] = [];
  const addresses = {
    kafkaBrokers: servers.kafkaBrokers,
    elasticsearchUrl: servers.elasticsearchUrl,
    redisUrl: servers.redisUrl,
  };
  for (const [name, run] of Object.entries({
    produceCeiling,
    benchCollector,
    benchEnricher,
    bulkCeiling,
    benchIndexer,
    bulkCeilingAgain: bulkCeiling,
    benchWholeWay,
  })) {
    process.stdout.write(`${name} …\n`);
    const bench = await createBench(addresses, { folder, events: EVENTS });
    try {
      results.push(await run(bench));
    } finally {
      await bench.close();
    }
  }
  process.stdout.write(printReport(results, EVENTS));
} finally {
  rmSync(folder, { recursive: true, force: true });
  await servers.stop();
}
