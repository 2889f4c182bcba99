// The enricher's settings.
import { z } from 'zod';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { didYouMean } from '../../shared/runtime/nearest.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { setting, wholeNumber } from '../../shared/runtime/settings.ts';
import { isTimeZone } from '../../shared/windows/local-time.ts';
import { sourcesSettings } from './sources/settings.ts';

const enricherSettings = z
  .strictObject({
    admin: adminSettings(9310),
    catalogFolders: setting(z.array(z.string().min(1)).default([]), {
      description: 'Folders with catalogue entries of your own (*.yaml), read beside the built-in ones.',
      readable: 'folder',
    }),
    catalogReloadMs: wholeNumber(
      5000,
      { min: 100, max: 3_600_000 },
      {
        description:
          'How often those folders are checked for changes; a change is loaded when two successive checks find the same files.',
        unit: 'milliseconds',
      },
    ),
    timeZones: setting(
      z
        .record(
          z.string().min(1).max(256),
          z.string().superRefine((name, context) => {
            if (isTimeZone(name)) return;
            const guess = didYouMean(name, Intl.supportedValuesOf('timeZone'));
            context.addIssue({
              code: 'custom',
              message: `there is no time zone ${name}, only such as Europe/Berlin.${guess}`,
            });
          }),
        )
        .default({}),
      {
        description:
          'The time zone of the hosts whose events a sender writes with local times and without their zone, as NXLog and Snare do, by the name of the sender as in foghorn.sender, or * for all others; e.g. Europe/Berlin.',
      },
    ),
    keepOriginal: setting(z.boolean().default(false), { description: 'Keep the event as received in event.original.' }),
    maxDocumentBytes: wholeNumber(
      2_097_152,
      { min: 65_536, max: 33_554_432 },
      {
        description:
          'The largest document; a larger one becomes a dead letter with the original kept. At most kafka.maxRecordBytes.',
        unit: 'bytes',
      },
    ),
    concurrency: wholeNumber(2, { min: 1, max: 64 }, { description: 'Partitions processed concurrently.' }),
    sources: sourcesSettings,
  })
  .prefault({});

/** The sections the enricher reads. */
export const enricherSchema = z.strictObject({ kafka: kafkaSettings, enricher: enricherSettings });

/** The enricher's settings, validated. */
export type EnricherConfig = z.infer<typeof enricherSchema>;
