// The settings of all services together, read as each of them will read its own, so that
// `npm start` looks where they work.
import { z } from 'zod';
import { collectorSchema } from '../../services/collector/config.ts';
import { consoleSchema } from '../../services/console/config.ts';
import { enricherSchema } from '../../services/enricher/config.ts';
import { indexerSchema } from '../../services/indexer/config.ts';
import { notifierSchema } from '../../services/notifier/config.ts';
import { type ConfigSource, loadConfig } from '../../shared/runtime/config.ts';
import { logSettings } from '../../shared/runtime/logger.ts';

const schema = z.strictObject({
  ...collectorSchema.shape,
  ...enricherSchema.shape,
  ...indexerSchema.shape,
  ...notifierSchema.shape,
  ...consoleSchema.shape,
  log: logSettings,
});

/** Every section of foghorn.yaml. */
export type AllSettings = z.infer<typeof schema>;

/** Throws ConfigError with all problems at once. */
export function readAllSettings(source: ConfigSource): AllSettings {
  return loadConfig(schema, source);
}
