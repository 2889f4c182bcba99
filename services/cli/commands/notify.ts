// `foghorn notify …`: sends a test message to a receiver, and previews messages.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Notification } from '../../../shared/contracts/notification.ts';
import { CONSOLE_ADDRESS, consoleLinkSettings, consoleUrlOf } from '../../../shared/http/console-address.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { notifierSchema } from '../../notifier/config.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { notificationById, notificationInFile } from '../notify/incident-source.ts';
import { FORMS } from '../notify/preview.ts';
import { sendTest } from '../notify/send-test.ts';
import { type Sample, sampleNotification, SAMPLES } from '../notify/samples.ts';
import { pick } from '../words.ts';
import { cliConfigSource } from '../running-start.ts';

/** The verb. */
export const notifyCommand: Command = {
  summary: 'send a test through a receiver, and preview messages',
  usage: [
    'foghorn notify [--config FILE] test RECEIVER | preview WHAT --as FORM [--out FILE]',
    'foghorn notify [--config FILE] preview all [--as FORM] --out FOLDER',
    '',
    '  test RECEIVER   sends one message that says that it is a test, by the configured receiver; ends with 0 when it was taken',
    '  preview WHAT    shows a message without sending it. WHAT is',
    `                    a sample: ${SAMPLES.join(', ')}`,
    '                    a JSON file with an incident, or',
    '                    the id of an incident in Elasticsearch',
    '  preview all     writes every sample in every form into a folder, for people to look at',
    '',
    `  --as FORM       ${Object.keys(FORMS).join(', ')} (text)`,
    '  --out FILE      writes the message there; of a mail the page that its reader sees',
    '  --config FILE   the configuration (./foghorn.yaml, or FOGHORN_CONFIG)',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(
      args,
      { as: { type: 'string' }, out: { type: 'string' }, config: { type: 'string', short: 'c' } },
      { as: ['preview'], out: ['preview'] },
    );
    const [action, subject, ...more] = positionals;
    if (subject === undefined || more.length > 0) throw new UsageError('Say test RECEIVER or preview WHAT.');
    if (action === 'test') return await testReceiver(subject, values.config, io);
    if (action === 'preview' && subject === 'all') return await previewAll(values, io);
    if (action === 'preview') return await preview(subject, values, io);
    throw new UsageError(`notify ${action}: say test or preview.${didYouMean(action ?? '', ['test', 'preview'])}`);
  },
};

async function testReceiver(name: string, configFile: string | undefined, io: CommandIo): Promise<number> {
  const { notifier, console } = loadConfig(notifierSchema, cliConfigSource(configFile));
  const { receivers, proxy } = notifier;
  const receiver = receivers.find((one) => one.name === name);
  if (receiver === undefined)
    throw new UsageError(
      `There is no receiver ${name}. Configured: ${receivers.map((one) => one.name).join(', ')}.${didYouMean(
        name,
        receivers.map((one) => one.name),
      )}`,
    );
  return (await sendTest(receiver, io, { proxy, consoleUrl: consoleUrlOf(console) })) ? 0 : 1;
}

interface PreviewOptions {
  readonly as?: string | undefined;
  readonly out?: string | undefined;
  readonly config?: string | undefined;
}

async function preview(what: string, { as = 'text', out, config }: PreviewOptions, io: CommandIo): Promise<number> {
  const { text, files } = formOf(as)(await find(what, config));
  if (out === undefined) {
    io.out(text);
    return 0;
  }
  await writeFile(out, endedText(Object.values(files).at(-1) ?? ''));
  io.err(`${out} written`);
  return 0;
}

async function previewAll({ as, out, config }: PreviewOptions, io: CommandIo): Promise<number> {
  if (out === undefined) throw new UsageError('preview all: say --out FOLDER.');
  const forms = as === undefined ? Object.entries(FORMS) : [[as, formOf(as)] as const];
  await mkdir(out, { recursive: true });
  for (const sample of SAMPLES) {
    const notification = await find(sample, config);
    for (const [form, render] of forms)
      for (const [end, content] of Object.entries(render(notification).files))
        await writeFile(join(out, `${sample}.${form}.${end}`), endedText(content));
  }
  io.err(`${out}: ${SAMPLES.length} messages written in ${forms.map(([form]) => form).join(', ')}`);
  return 0;
}

function formOf(name: string): (typeof FORMS)[string] {
  const form = pick(FORMS, name);
  if (form === undefined)
    throw new UsageError(`--as ${name}: say ${Object.keys(FORMS).join(', ')}.${didYouMean(name, Object.keys(FORMS))}`);
  return form;
}

function endedText(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

async function find(what: string, configFile: string | undefined): Promise<Notification> {
  const schema = z.strictObject({ console: consoleLinkSettings });
  const only = [...CONSOLE_ADDRESS, 'console.linkKeys'];
  const { console } = loadConfig(schema, cliConfigSource(configFile), { only });
  const reader = { receiver: 'preview', consoleUrl: consoleUrlOf(console) };
  const { linkKeys } = console;
  if (isSample(what)) return await sampleNotification(what, { ...reader, id: 'sample', nowMs: Date.now(), linkKeys });
  if (existsSync(what)) return await notificationInFile(what, reader);
  if (/[./\\]/u.test(what)) throw new UsageError(`There is no file ${what}.`);
  return await notificationById(what, configFile, reader);
}

function isSample(what: string): what is Sample {
  return (SAMPLES as readonly string[]).includes(what);
}
