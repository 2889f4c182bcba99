// What foghorn.yaml may say of routes, inhibition, time intervals and labels: each limit from both
// sides, and what a refusal says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { aPolicy } from '../../../../support/policy.ts';

const RECEIVERS = ['mail', 'm'];

type Settings = Readonly<Record<string, unknown>>;

function many<T>(count: number, item: T): readonly T[] {
  return Array.from({ length: count }, () => item);
}

const route = (own: Settings): Settings => ({ route: { routes: [own] } });
const span = (own: Settings): Settings => ({ timeIntervals: [{ name: 'n', time_intervals: [own] }] });
const inhibit = (own: Settings): Settings => ({
  inhibitRules: [{ source_matchers: ['a=b'], target_matchers: ['a=b'], ...own }],
});
const times = (start_time: string, end_time: string): Settings => span({ times: [{ start_time, end_time }] });
const interval = (name: string): Settings => ({ name, time_intervals: [{}] });
const step = { after: '5m', receivers: RECEIVERS };

for (const [what, taken, refused] of [
  ['labels to group by', route({ group_by: many(20, 'rule') }), route({ group_by: many(21, 'rule') })],
  ['a label to group by', route({ group_by: ['x'] }), route({ group_by: [''] })],
  ['receivers', route({ receivers: many(500, 'mail') }), route({ receivers: many(501, 'mail') })],
  ['a receiver’s name', route({ receiver: 'm' }), route({ receiver: '' })],
  ['a time zone', span({ location: 'Europe/Berlin' }), span({ location: 'Europe/Berln' })],
  ['a name in receivers', route({ receivers: ['mail'] }), route({ receivers: [''] })],
  ['matchers', route({ matchers: many(500, 'a=b') }), route({ matchers: many(501, 'a=b') })],
  ['routes', { route: { routes: many(500, {}) } }, { route: { routes: many(501, {}) } }],
  ['routes below', route({ routes: many(500, {}) }), route({ routes: many(501, {}) })],
  ['steps', route({ escalate: many(10, step) }), route({ escalate: many(11, step) })],
  ['a step’s time', route({ escalate: [step] }), route({ escalate: [{ ...step, after: '0s' }] })],
  ['a step’s receivers', route({ escalate: [step] }), route({ escalate: [{ ...step, receivers: [] }] })],
  ['a severity', route({ minSeverity: 'error' }), route({ minSeverity: 'fatal' })],
  ['a duration', route({ repeat_interval: '4h' }), route({ repeat_interval: 14_400 })],
  ['rules', { inhibitRules: many(500, inhibitRule()) }, { inhibitRules: many(501, inhibitRule()) }],
  ['a rule’s name', inhibit({ name: 'x' }), inhibit({ name: '' })],
  ['source matchers', inhibit({}), inhibit({ source_matchers: [] })],
  ['target matchers', inhibit({}), inhibit({ target_matchers: [] })],
  ['equal labels', inhibit({ equal: many(20, 'host') }), inhibit({ equal: many(21, 'host') })],
  ['an equal label', inhibit({ equal: ['größe.x-1'] }), inhibit({ equal: ['1x'] })],
  ['intervals', { timeIntervals: named(500) }, { timeIntervals: named(501) }],
  ['an interval’s name', { timeIntervals: [interval('n')] }, { timeIntervals: [interval('')] }],
  ['spans', spans(500), spans(501)],
  ['a span', spans(1), spans(0)],
  ['own labels', { labels: many(500, ownLabel('team')) }, { labels: many(501, ownLabel('team')) }],
  ['an own label', { labels: [ownLabel('team')] }, { labels: [ownLabel('te am')] }],
  ['the end of a day', times('00:00', '24:00'), times('00:00', '24:01')],
  ['the beginning of a span', times('23:59', '24:00'), times('24:00', '24:00')],
  ['a time', times('09:00', '17:00'), times('9:00', '17:00')],
  ['a span that ends where it begins', times('09:00', '09:01'), times('09:00', '09:00')],
  ['a weekday', span({ weekdays: ['Monday:friday'] }), span({ weekdays: ['mon'] })],
  ['a day', span({ days_of_month: ['31', '-31:-1', '1:9'] }), span({ days_of_month: ['32'] })],
  ['a month', span({ months: ['March:4', '12'] }), span({ months: ['13'] })],
  ['a year', span({ years: ['2026:2030'] }), span({ years: ['26'] })],
] as const)
  test(`${what}: one is taken, and one beyond the limit refused`, () => {
    aPolicy(taken, RECEIVERS);
    assert.throws(() => aPolicy(refused, RECEIVERS));
  });

function inhibitRule(): Settings {
  return { source_matchers: ['a=b'], target_matchers: ['c=d'] };
}

function named(count: number): readonly Settings[] {
  return Array.from({ length: count }, (_, index) => interval(`n${index}`));
}

function spans(count: number): Settings {
  return { timeIntervals: [{ name: 'n', time_intervals: many(count, {}) }] };
}

function ownLabel(name: string): Settings {
  return { matchers: ['a=b'], set: { [name]: 'x' } };
}

for (const [settings, message] of [
  [route({ group_wait: 30 }), /a duration with its unit, such as 30s/u],
  [route({ escalate: [{ ...step, after: '0s' }] }), /longer than 0/u],
  [route({ matchers: ['port="80'] }), /quotation marks around the value do not match/u],
  [inhibit({ equal: ['1x'] }), /a name of a label/u],
  [times('9:00', '17:00'), /a time such as 09:00/u],
  [times('09:00', '25:00'), /a time such as 17:00, or 24:00/u],
  [times('22:00', '06:00'), /over midnight is written as two/u],
  [span({ weekdays: ['mon'] }), /a day such as monday, or a range of two with a colon/u],
  [span({ weekdays: [1] }), /a day such as monday/u],
  [span({ days_of_month: ['0'] }), /from the end -1 to -31/u],
  [span({ location: 'Europe/Berln' }), /no time zone Europe\/Berln.*Europe\/Berlin/u],
] as const)
  test(`a refusal says what is allowed: ${JSON.stringify(settings)}`, () => {
    assert.throws(() => aPolicy(settings, RECEIVERS), message);
  });

test('a matcher that cannot be read is refused with its place', () => {
  assert.throws(
    () => aPolicy(route({ matchers: ['a=b', 'port="80'] }), RECEIVERS),
    (error) => {
      assert.ok(error instanceof z.ZodError);
      assert.deepEqual(
        error.issues.map(({ path }) => path),
        [['route', 'routes', 0, 'matchers', 1]],
      );
      return true;
    },
  );
});

test('a route that matches is the last one unless it says so', () => {
  const [first] = aPolicy(route({}), RECEIVERS).root.routes;
  assert.equal(first?.continues, false);
});
