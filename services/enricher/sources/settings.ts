// The settings of the inventory of sources.
import { z } from 'zod';
import { setting, wholeNumber } from '../../../shared/runtime/settings.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const pattern = z.string().min(1).max(255);

/** Patterns of host names and channels; * for any characters. */
const sources = {
  hosts: z.array(pattern).min(1).default(['*']),
  channels: z.array(pattern).min(1).default(['*']),
};

const limit = z.strictObject({
  ...sources,
  /** 0: never silent. */
  silentAfterMs: z
    .number()
    .int()
    .max(30 * DAY_MS)
    .refine((ms) => ms === 0 || ms >= 1000, 'milliseconds, 1000 or more, or 0 for never'),
});

/** The section `enricher.sources`. */
export const sourcesSettings = z
  .strictObject({
    max: wholeNumber(
      100_000,
      { min: 100, max: 5_000_000 },
      {
        description:
          'The most sources (a channel of a host) that one enricher keeps, about 1 KB each; beyond it those are dropped that were not seen for longest, those whose silence is not checked first.',
      },
    ),
    checkMs: wholeNumber(
      15_000,
      { min: 250, max: 600_000 },
      { description: 'How often silence, lag and clocks are checked.', unit: 'milliseconds' },
    ),
    snapshotMs: wholeNumber(
      MINUTE_MS,
      { min: 250, max: HOUR_MS },
      {
        description:
          'How often a source that sends is written to foghorn.sources; a change of its state is written at once. After a crash its counts lack what came since.',
        unit: 'milliseconds',
      },
    ),
    limits: setting(z.array(limit).max(500).default([]), {
      description:
        'When sources count as silent, in place of their own rhythm: hosts and channels (patterns, * for any characters; default: all) and silentAfterMs (0: never); the first that matches counts.',
    }),
    learnsRhythm: setting(z.boolean().default(true), {
      description:
        'Whether sources without a limit are checked by their own rhythm: silent after four times their longest gap of late. Sources with gaps of six hours and more, such as workstations, are not checked.',
    }),
    learningMs: wholeNumber(
      7 * DAY_MS,
      { min: 1000, max: 90 * DAY_MS },
      {
        description:
          'For how long a source is observed before it is checked by its own rhythm; a week has a weekend in it.',
        unit: 'milliseconds',
      },
    ),
    minSilentMs: wholeNumber(
      15 * MINUTE_MS,
      { min: 1000, max: DAY_MS },
      { description: 'By its own rhythm no source is silent earlier than this.', unit: 'milliseconds' },
    ),
    lagLimitMs: wholeNumber(
      HOUR_MS,
      { min: 0, max: 30 * DAY_MS },
      {
        description: 'A host whose events have all come later than this for driftAfterMs is an incident; 0: never.',
        unit: 'milliseconds',
      },
    ),
    clockLimitMs: wholeNumber(
      5 * MINUTE_MS,
      { min: 0, max: 30 * DAY_MS },
      {
        description:
          'A host whose clock has been ahead or behind by more than this for driftAfterMs is an incident; 0: never.',
        unit: 'milliseconds',
      },
    ),
    driftAfterMs: wholeNumber(
      15 * MINUTE_MS,
      { min: 250, max: DAY_MS },
      { description: 'How long lag or clock have to be off before that is an incident.', unit: 'milliseconds' },
    ),
    complete: setting(z.array(z.strictObject(sources)).max(500).default([]), {
      description:
        'Sources of which every record is sent, so that each gap of their record ids is a loss: hosts and channels (patterns, * for any characters; default: all). Others count as complete when 8000 ids came one after the other.',
    }),
    filtered: setting(z.array(z.strictObject(sources)).max(500).default([]), {
      description:
        'Sources of which records are left out on purpose, so that no gap is a loss; as with complete, and stronger.',
    }),
    missingAfterMs: wholeNumber(
      10 * MINUTE_MS,
      { min: 1000, max: 7 * DAY_MS },
      {
        description:
          'How long a record may come later than those behind it before it counts as missing; agents send again after minutes.',
        unit: 'milliseconds',
      },
    ),
    inputSilentAfterMs: wholeNumber(
      15 * MINUTE_MS,
      { min: 0, max: 30 * DAY_MS },
      {
        description:
          'When no event at all has come for so long, that is one incident, and no source counts as silent meanwhile; 0: never.',
        unit: 'milliseconds',
      },
    ),
    outageMs: wholeNumber(
      MINUTE_MS,
      { min: 250, max: DAY_MS },
      {
        description:
          'When no event at all has come for so long, and for three times as long as usual, that counts as an outage of the input: the time is no silence of any source.',
        unit: 'milliseconds',
      },
    ),
    graceMs: wholeNumber(
      5 * MINUTE_MS,
      { min: 0, max: DAY_MS },
      {
        description: 'How long senders have to come back after no event at all came; nobody falls silent in that time.',
        unit: 'milliseconds',
      },
    ),
    dropAfterMs: wholeNumber(
      30 * DAY_MS,
      { min: HOUR_MS, max: 3650 * DAY_MS },
      { description: 'A source that was not seen for so long is dropped.', unit: 'milliseconds' },
    ),
  })
  .prefault({});

/** The section, validated. */
export type SourcesSettings = z.infer<typeof sourcesSettings>;
