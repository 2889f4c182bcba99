// The channel that needs nobody: appends the rendered alert to a file and, where there is a terminal, shows it there.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Rendered, SendOutcome } from '../../../shared/contracts/notification.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import type { Channel, Found } from './channel.ts';
import { idLine, renderPlainText } from './plain-text.ts';

/** The settings of a receiver of kind `local`, without what all receivers have. */
export const localSettings = { kind: z.literal('local'), file: z.string().min(1).default('./foghorn-alerts.log') };

/** How much of the file's end is searched for an earlier try. */
const TAIL_BYTES = 1024 * 1024;

/** A file, opened anew for each alert so that it may be rotated away; `terminal` also gets the text. */
export function createLocalChannel(file: string, terminal: { write(text: string): unknown } | undefined): Channel {
  return {
    kind: 'local',
    render: (notification) => ({
      id: notification.id,
      contentType: 'text/plain; charset=utf-8',
      headers: {},
      body: renderPlainText(notification),
    }),
    send: async (rendered) => await append(file, rendered, terminal),
    reconcile: async ({ id }) => await find(file, id),
    close: async () => await Promise.resolve(),
  };
}

async function append(
  file: string,
  { body, id }: Rendered,
  terminal: { write(text: string): unknown } | undefined,
): Promise<SendOutcome> {
  let handle: FileHandle | undefined;
  try {
    await mkdir(dirname(file), { recursive: true });
    handle = await open(file, 'a', 0o640);
    await handle.appendFile(`${body}\n`);
    await handle.sync();
    terminal?.write(`${body}\n`);
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
