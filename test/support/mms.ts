// What a Windows Media server answers to an MMS connect, laid out as [MS-MMSP] sections 2.2.3 and
// 2.2.4.2 say.

/** A LinkMacToViewerReportConnectedEX in its header. */
export function mmsReport({ version, hr = 0 }: { readonly version: string; readonly hr?: number }): Buffer {
  const text = Buffer.from(version, 'utf16le');
  const message = Buffer.alloc(Math.ceil((96 + text.length) / 8) * 8);
  message.writeUInt8(1, 0);
  message.writeUInt32LE(0xb00bface, 4);
  message.writeUInt32LE(message.length - 16, 8);
  message.write('MMS ', 12, 'latin1');
  message.writeUInt32LE((message.length - 16) / 8, 16);
  message.writeUInt32LE((message.length - 32) / 8, 32);
  for (const [index, value] of [0x00040001, hr, 0xf0f0f0ef, 0x0004000b, 0x0003001c].entries())
    message.writeUInt32LE(value, 36 + index * 4);
  message.writeDoubleLE(1, 56);
  for (const [index, value] of [1, 1, 0x8000, 0x00989680].entries()) message.writeUInt32LE(value, 64 + index * 4);
  message.writeUInt32LE(version.length, 80);
  text.copy(message, 96);
  return message;
}
