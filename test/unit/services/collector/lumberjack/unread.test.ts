// A client of Lumberjack that sends windows and never reads an acknowledgement.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { ConnectionFault } from '../../../../../services/collector/inputs/connection-fault.ts';
import { Session } from '../../../../../services/collector/inputs/lumberjack/session.ts';
import { createMadeIntake } from '../../../../support/collector-input.ts';
import { windowOf } from '../../../../support/lumberjack.ts';

const WINDOWS = 5000;
const STALL_MS = 200;
const ADDRESS = '192.0.2.1';
/** What a network takes before it keeps this side waiting. */
const NETWORK_BYTES = 1024;
const ACKNOWLEDGEMENT_BYTES = 6;
/** Windows that are read before the first acknowledgement has gone. */
const AHEAD = 40;

test('it is kept waiting, and ended after the time that a stall may take; little of what it sent was read', async () => {
  const { collector } = collectorSchema.parse({ collector: { lumberjack: { stallMs: STALL_MS } } });
  const { parts, records } = createMadeIntake(collector, { partition: 0, nowMs: 1 });
  const socket = new Duplex({
    writableHighWaterMark: NETWORK_BYTES,
    read: () => undefined,
    // Without a call back nothing was sent.
    write: () => undefined,
  }) as Socket;
  socket.on('error', () => undefined);
  const session = new Session(
    { socket, begin: () => () => undefined },
    {
      ...parts,
      settings: collector.lumberjack,
      input: 'lumberjack',
      origin: { input: 'lumberjack', sender: ADDRESS },
      account: { sender: ADDRESS, address: ADDRESS },
      onRefused: () => assert.fail('nothing is refused'),
      onLost: () => assert.fail('nothing is lost'),
    },
  );
  const window = windowOf(['{"a":1}'], { isPacked: false });
  for (let count = 0; count < WINDOWS; count += 1) socket.push(window);
  await assert.rejects(session.run(), (error) => error instanceof ConnectionFault && error.code === 'stalled');
  assert.ok(socket.destroyed);
  assert.ok(records.length <= NETWORK_BYTES / ACKNOWLEDGEMENT_BYTES + AHEAD, `${records.length} windows were read`);
});
