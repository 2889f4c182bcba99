// kafkajs looks every millisecond, for each of its connections, whether a request waits, also where
// none does (tulios/kafkajs#1704): about 30 ms of CPU time a second for each process. It has no
// interface for that, so the method is replaced, in the very version whose source was read.
import { createRequire } from 'node:module';

/** As far as it is needed here: the requests of one connection. */
interface RequestQueue {
  /** Requests that wait to be sent. */
  readonly pending: readonly object[];
  /** Epoch milliseconds: the broker asks to send nothing before; in the past: it does not. */
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  /** Sends what may be sent, and schedules the next check. */
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const VERSION = '2.2.4';
/** kafkajs' own: how often it looks for room among the requests in flight. */
const CHECK_EVERY_MS = 10;

install();

function install(): void {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { readonly version: string };
  if (version !== VERSION) return;
  const { prototype } = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
  prototype.scheduleCheckPendingRequests = scheduleWhileSomeWait;
}

/** What comes later is sent at once, or schedules a check itself. */
function scheduleWhileSomeWait(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttleMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttleMs > 0 ? throttleMs : CHECK_EVERY_MS,
  );
}
