// The settings of policy in foghorn.yaml, with Alertmanager's names, so that its files can be used.
// https://prometheus.io/docs/alerting/latest/configuration/
import { z } from 'zod';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { setting } from '../../../shared/runtime/settings.ts';
import { parseDuration } from '../../../shared/runtime/duration.ts';
import { parseMatchers } from '../../../shared/matchers/matcher.ts';
import { isTimeZone } from './time-interval.ts';

const MAX_ITEMS = 500;

const matcher = z.string().superRefine((text, context) => {
  const parsed = parseMatchers(text);
  if (parsed.kind === 'bad') context.addIssue(parsed.detail);
});
const matchers = z.array(matcher).max(MAX_ITEMS);
const DURATION = 'a duration with its unit, such as 30s, 5m, 4h or 1h30m';
const duration = z.string({ error: DURATION }).refine((text) => parseDuration(text) !== undefined, DURATION);
const names = z.array(z.string().min(1)).max(MAX_ITEMS);
const labelName = z.string().regex(/^[\p{L}_][\p{L}\p{N}_.-]*$/u, 'a name of a label');

const routeFields = {
  /** One receiver, or several in `receivers`. */
  receiver: z.string().min(1).optional(),
  receivers: names.optional(),
  group_by: z.array(z.string().min(1)).max(20).optional(),
  group_wait: duration.optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
  mute_time_intervals: names.default([]),
  active_time_intervals: names.default([]),
  escalate: z
    .array(
      z.strictObject({
        after: duration.refine((text) => parseDuration(text) !== 0, 'a time longer than 0'),
        receivers: names.min(1),
      }),
    )
    .max(10)
    .optional(),
  /** Incidents below this severity are not notified by this route. */
  minSeverity: z.enum(SEVERITIES).optional(),
};

/** A route below the root, as written. */
export interface RouteSettings {
  readonly receiver?: string | undefined;
  readonly receivers?: readonly string[] | undefined;
  readonly group_by?: readonly string[] | undefined;
  readonly group_wait?: string | undefined;
  readonly group_interval?: string | undefined;
  readonly repeat_interval?: string | undefined;
  readonly mute_time_intervals: readonly string[];
  readonly active_time_intervals: readonly string[];
  readonly escalate?: readonly { readonly after: string; readonly receivers: readonly string[] }[] | undefined;
  readonly minSeverity?: (typeof SEVERITIES)[number] | undefined;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly routes: readonly RouteSettings[];
}

const route: z.ZodType<RouteSettings> = z.lazy(() =>
  z.strictObject({
    ...routeFields,
    matchers: matchers.default([]),
    continue: z.boolean().default(false),
    routes: z.array(route).max(MAX_ITEMS).default([]),
  }),
);

/**
 * The setting `notifier.route`. Unset: every incident goes at once, by itself, to all receivers, a
 * storm of them together.
 */
export const routeSetting = setting(
  z.strictObject({ ...routeFields, routes: z.array(route).max(MAX_ITEMS).default([]) }).optional(),
  {
    description:
      'Alertmanager\'s routing tree: receiver or receivers, matchers, continue, routes, group_by, group_wait, group_interval, repeat_interval, mute_time_intervals, active_time_intervals; besides, minSeverity and escalate (a list of after and receivers, notified when nobody acknowledges in time). Without group_by all incidents of a route are one group, as there; group_by: ["..."] notifies of each by itself. Without any route all receivers are notified of each incident by itself and at once, and of what goes beyond 20 new ones of a rule within 10 s, unless critical, in one digest; of silent, late and wrongly timed sources in one by class.',
  },
);

const inhibitRule = z.strictObject({
  name: z.string().min(1).optional(),
  source_matchers: matchers.min(1),
  target_matchers: matchers.min(1),
  equal: z.array(labelName).max(20).default([]),
});

/** The setting `notifier.inhibitRules`. */
export const inhibitRulesSetting = setting(z.array(inhibitRule).max(MAX_ITEMS).default([]), {
  description:
    'Incidents that suppress others while they are open: source_matchers, target_matchers, and in equal the labels that have to be the same.',
});

const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/u;
const range = (what: string, form: RegExp) => {
  const message = `${what}, or a range of two with a colon`;
  return z.string({ error: message }).regex(form, message);
};
const WEEKDAY = '(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday)';
const MONTH = '(?:january|february|march|april|may|june|july|august|september|october|november|december|1[0-2]|[1-9])';

const timeSpan = z.strictObject({
  times: z
    .array(
      z
        .strictObject({
          start_time: z.string().regex(time, 'a time such as 09:00'),
          end_time: z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/u, 'a time such as 17:00, or 24:00'),
        })
        .refine(
          ({ start_time, end_time }) => start_time < end_time,
          'the end has to be later than the start: a span over midnight is written as two',
        ),
    )
    .optional(),
  weekdays: z.array(range('a day such as monday', new RegExp(`^${WEEKDAY}(?::${WEEKDAY})?$`, 'iu'))).optional(),
  days_of_month: z
    .array(
      range(
        'a day from 1 to 31, or from the end -1 to -31',
        /^-?(?:3[01]|[12]\d|[1-9])(?::-?(?:3[01]|[12]\d|[1-9]))?$/u,
      ),
    )
    .optional(),
  months: z.array(range('a month such as march or 3', new RegExp(`^${MONTH}(?::${MONTH})?$`, 'iu'))).optional(),
  years: z.array(range('a year', /^\d{4}(?::\d{4})?$/u)).optional(),
  location: z
    .string()
    .superRefine((name, context) => {
      if (isTimeZone(name)) return;
      const guess = didYouMean(name, Intl.supportedValuesOf('timeZone'));
      context.addIssue(`there is no time zone ${name}, only such as Europe/Berlin.${guess}`);
    })
    .default('UTC'),
});

/** The setting `notifier.timeIntervals`. */
export const timeIntervalsSetting = setting(
  z
    .array(z.strictObject({ name: z.string().min(1), time_intervals: z.array(timeSpan).min(1).max(MAX_ITEMS) }))
    .max(MAX_ITEMS)
    .default([]),
  {
    description:
      'Named time intervals for routes: name and time_intervals with times (start_time, end_time), weekdays, days_of_month, months, years and location (time zone).',
  },
);

/** The setting `notifier.labels`. */
export const labelsSetting = setting(
  z
    .array(z.strictObject({ matchers, set: z.record(labelName, z.string()) }))
    .max(MAX_ITEMS)
    .default([]),
  { description: 'Labels of your own for the incidents that match, e.g. the team: matchers and set.' },
);

/** What policy is made of. */
export interface PolicySettings {
  readonly route?: z.infer<typeof routeSetting>;
  readonly inhibitRules: z.infer<typeof inhibitRulesSetting>;
  readonly timeIntervals: z.infer<typeof timeIntervalsSetting>;
  readonly labels: z.infer<typeof labelsSetting>;
}
/** One span of a time interval, as written. */
export type TimeSpanSettings = z.infer<typeof timeSpan>;
