// MMS's first exchange: what is sent is what the specification lays down, and only a server's own
// report counts as an answer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isMmsWhole, mmsConnect, mmsServerVersion } from '../../../../../services/notifier/probe/mms.ts';
import { isAnswerComplete, classifyAnswer } from '../../../../../services/notifier/probe/protocol.ts';
import { mmsReport } from '../../../../support/mms.ts';

test('the connect is laid out as [MS-MMSP] says, and its lengths are its own', () => {
  const message = mmsConnect();
  assert.equal(message.subarray(0, 8).toString('hex'), '01000000cefa0bb0');
  assert.equal(message.toString('latin1', 12, 16), 'MMS ');
  assert.equal(message.length % 8, 0);
  assert.equal(message.readUInt32LE(8), message.length - 16);
  assert.equal(message.readUInt32LE(16), (message.length - 16) / 8);
  assert.equal(message.readUInt32LE(32), (message.length - 32) / 8);
  assert.equal(message.readUInt32LE(36), 0x00030001);
  assert.deepEqual([message.readUInt32LE(44), message.readUInt32LE(48)], [0x0004000b, 0x0003001c]);
  assert.match(message.toString('utf16le', 52), /^NSPlayer\/\d+\.\d+\.\d+\.\d+; \{[\d-]{36}\}\0+$/u);
});

test('a report states the version; one that refuses the client is a server’s answer too', () => {
  for (const [version, notified] of [
    ['9.5.6001.18000', '9.5.6001.18000'],
    ['9.01.01.3814', '9.01.01.3814'],
    ['', 'unknown'],
    [`9.${'1'.repeat(500)}`, `9.${'1'.repeat(38)}`],
    ['\u001b[31m', 'unknown'],
  ] as const)
    assert.equal(mmsServerVersion(mmsReport({ version })), notified);
  assert.equal(mmsServerVersion(mmsReport({ version: '9.5', hr: 0x80070005 })), '9.5');
  assert.deepEqual(classifyAnswer('mms', mmsReport({ version: '9.5' }), []), {
    kind: 'served',
    by: 'MMS server, version 9.5',
  });
});

test('whoever repeats what was sent, speaks something else or stops half way is no Windows Media server', () => {
  const report = mmsReport({ version: '9.5.6001.18000' });
  const other = Buffer.from('HTTP/1.1 400 Bad Request\r\nServer: Cougar/9.5\r\n\r\n');
  for (const answer of [mmsConnect(), other, Buffer.alloc(0), report.subarray(0, 95), Buffer.alloc(200, 'MMS ')])
    assert.deepEqual(classifyAnswer('mms', answer, []), { kind: 'silent' });
  for (let round = 0; round < 2000; round += 1)
    assert.equal(
      classifyAnswer('mms', Buffer.concat([report.subarray(0, 16), randomBytes(round % 300)]), []).kind,
      'silent',
    );
});

test('a report is waited for to its end; what is none is not waited for', () => {
  const report = mmsReport({ version: '9.5' });
  for (let length = 0; length < report.length; length += 1)
    assert.equal(isMmsWhole(report.subarray(0, length)), false, `${length} bytes`);
  assert.equal(isMmsWhole(report), true);
  assert.equal(isAnswerComplete('mms', Buffer.from('220 mail.example.org ESMTP ready\r\n')), true);
});
