// Why a connection is ended by this side.

/** Stable codes, which metrics show. `cut_off`: the client went away in the middle of a frame. */
export type FaultCode =
  | 'bad_compression'
  | 'bad_length'
  | 'cut_off'
  | 'idle'
  | 'not_lumberjack'
  | 'overloaded'
  | 'oversized'
  | 'stalled'
  | 'unknown_frame'
  | 'version_1'
  | 'window_not_full';

/** Ends one connection; the message says what the client did, and what to change. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The client went away in the middle of a frame or of a window. */
export function cutOff(): ConnectionFault {
  return new ConnectionFault('cut_off', 'The connection ended in the middle of a window.');
}
