// `npm run fuzz:forms -- SECONDS [SEED]`: random events in every form for so long, from a seed
// number that is printed. Every form that differs is reported once, with the smallest event found.
import { randomInt } from 'node:crypto';
import { randomOf } from '../fuzz/mutate.ts';
import { differencesOf, shrunk } from './compare.ts';
import { FORMS } from './forms.ts';
import { randomEvent } from './made-event.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? randomInt(2 ** 32));
const random = randomOf(seed);
const reported = new Set<string>();
const started = Date.now();
let events = 0;
process.stdout.write(`events in ${FORMS.length} forms for ${seconds} s from seed ${seed}\n`);
while (Date.now() - started < seconds * 1000) {
  const event = randomEvent(random);
  events += 1;
  for (const form of FORMS) {
    if (reported.has(form.name) || (await differencesOf(form, event)).length === 0) continue;
    reported.add(form.name);
    const small = await shrunk(form, event);
    const lines = [...(await differencesOf(form, small)), String(await form.write(small))];
    process.stdout.write(`event ${events}, ${form.name}:\n  ${lines.join('\n  ')}\n`);
  }
}
process.stdout.write(`${events} events, ${reported.size} forms differ\n`);
if (reported.size > 0) process.exitCode = 1;
