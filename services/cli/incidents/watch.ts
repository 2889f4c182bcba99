// The live stream on a terminal.
import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityEntry } from '../../../shared/contracts/activity.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import type { CommandIo } from '../command.ts';
import { jsonText } from '../terminal.ts';
import type { ConsoleClient, StreamEvent } from './client.ts';
import { actionLine } from './text.ts';

const RECONNECT_MS = 2000;

/** Shows what happens from now on, until Ctrl-C. A stream that breaks goes on where it ended. */
export async function watch(
  client: Pick<ConsoleClient, 'follow'>,
  values: { readonly host?: string; readonly type?: string; readonly json: boolean },
  io: CommandIo,
): Promise<number> {
  const query = { host: values.host, type: values.type };
  let isFirst = true;
  let lastId: string | undefined;
  while (!io.signal.aborted) {
    try {
      const request = { method: 'GET', path: '/api/v1/stream', query, lastId } as const;
      for await (const { id, event, data } of client.follow(request, io.signal)) {
        isFirst = false;
        lastId = id ?? lastId;
        show({ event, data }, values.json, io);
      }
    } catch (error) {
      if (io.signal.aborted) break;
      // A stream that fails before it begins is not retried.
      if (isFirst) throw error;
      io.err(errorText(error));
    }
    isFirst = false;
    if (!io.signal.aborted) io.err('The stream ended; asking again.');
    await delay(RECONNECT_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
  return 0;
}

function show({ event, data }: StreamEvent, isJson: boolean, io: CommandIo): void {
  if (event === 'gap') io.err('Some entries are missing here; they are in the time lines.');
  if (event === 'action') io.out(isJson ? jsonText(JSON.parse(data)) : actionLine(JSON.parse(data) as ActivityEntry));
}
