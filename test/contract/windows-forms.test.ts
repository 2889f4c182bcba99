// Random events in every form: the same document, field by field, and the same id, but for what the
// form says that it does not carry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOf, shrunk } from '../forms/compare.ts';
import type { Form } from '../forms/form.ts';
import { FORMS } from '../forms/forms.ts';
import { type MadeEvent, randomEvent } from '../forms/made-event.ts';
import { randomOf } from '../fuzz/mutate.ts';

const SEED = 309;
const EVENTS = 60;
/** Among so many a loss of any kind shows. */
const MANY = 600;

function eventsOf(seed: number, count: number): readonly MadeEvent[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => randomEvent(random));
}

const events = eventsOf(SEED, EVENTS);
const many = eventsOf(SEED, MANY);

/** The first of the events that differs, and why, made as small as it goes. */
async function firstFault(form: Form): Promise<string | undefined> {
  for (const [place, event] of events.entries()) {
    if ((await differencesOf(form, event)).length === 0) continue;
    const small = await shrunk(form, event);
    return `event ${place}: ${(await differencesOf(form, small)).join('; ')}\n${String(await form.write(small))}`;
  }
  return undefined;
}

async function isIdle(form: Form): Promise<boolean> {
  for (const event of many) if ((await differencesOf(form, event)).length > 0) return false;
  return true;
}

for (const form of FORMS) {
  test(`${EVENTS} random events from seed ${SEED} by ${form.name} are the documents that event XML gives`, async () => {
    assert.equal(await firstFault(form), undefined);
  });

  test(`${form.name} loses what it is said to lose, and nothing is said for nothing`, async () => {
    const { losses = [], differences = [] } = form;
    for (const loss of losses)
      assert.ok(!(await isIdle({ ...form, losses: losses.filter((other) => other !== loss) })), loss.why);
    for (const one of differences)
      assert.ok(!(await isIdle({ ...form, differences: differences.filter((other) => other !== one) })), one.why);
  });
}
