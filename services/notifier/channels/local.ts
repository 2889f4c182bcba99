// A file: messages are appended as text and, where there is a terminal, shown there too.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import { type Channel, type ChannelType, type Found, type Rendered, receiverSettings } from './channel.ts';
import { idLine, renderPlainText } from './plain-text.ts';

const settings = z.strictObject({
  ...receiverSettings,
  kind: z.literal('local'),
  file: z.string().min(1).default('./foghorn-alerts.log'),
});

interface LocalText extends Rendered {
  readonly text: string;
}

/** The kind `local`. */
export const local: ChannelType<typeof settings, LocalText> = {
  kind: 'local',
  settings,
  traits: { editsInPlace: false, followsChanges: false, keepsEpisodes: false },
  longestSendMs: () => 10_000,
  create: ({ file }) => createLocalChannel(file, process.stdout.isTTY ? process.stdout : undefined),
  preview: (notification) => ({ kind: 'text', text: renderPlainText(notification) }),
};

/** The end of the file that is searched for an earlier attempt. */
const TAIL_BYTES = 1024 * 1024;

/**
 * A file, opened anew for each message so that it may be rotated away; `terminal` also gets the
 * text.
 */
export function createLocalChannel(
  file: string,
  terminal: { write(text: string): unknown } | undefined,
): Channel<LocalText> {
  return {
    render: (notification) => ({ id: notification.id, text: renderPlainText(notification) }),
    send: (rendered) => append(file, rendered, terminal),
    reconcile: ({ id }) => find(file, id),
    close: async () => {},
  };
}

async function append(
  file: string,
  { text, id }: LocalText,
  terminal: { write(text: string): unknown } | undefined,
): Promise<SendOutcome> {
  let handle: FileHandle | undefined;
  try {
    await mkdir(dirname(file), { recursive: true });
    handle = await open(file, 'a', 0o640);
    await handle.appendFile(`${text}\n`);
    await handle.sync();
    terminal?.write(`${text}\n`);
    return { kind: 'sent', reference: id };
  } catch (error) {
    return { kind: 'unknown', detail: `${file}: ${errorText(error)}` };
  } finally {
    await handle?.close();
  }
}

async function find(file: string, id: string): Promise<Found> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    await handle.read(buffer, 0, buffer.length, start);
    return buffer.includes(`\n${idLine(id)}\n`) ? { kind: 'sent', reference: id } : { kind: 'absent' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'unknown', detail: `${file}: ${errorText(error)}` };
  } finally {
    await handle?.close();
  }
}
