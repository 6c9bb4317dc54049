/** What is used of kafkajs at run time. It is CommonJS, and only some of its names can be imported from a module. */
import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';

export const { AssignerProtocol, CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;

/** What of kafkajs's queue of requests, one for each connection, is looked at here. */
interface RequestQueue {
  /** Milliseconds since 1970 up to which the broker throttles us; -1 at first. */
  throttledUntil: number;
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const internal = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const { scheduleCheckPendingRequests } = internal.prototype;

/**
 * After each answer kafkajs sets a timer to look at requests that wait, also where none waits and nothing is throttled,
 * and then with a negative time: Node warns of it on standard error, and the timers cost something.
 */
internal.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return;
  scheduleCheckPendingRequests.call(this);
};
