/**
 * Asks a broker for its metadata over a bare socket: the answer that lists a broker is what every client begins with.
 * No Kafka client is imported for it; only `stream` and `testkit` may.
 *
 * request:  size int32 | api key int16 = 3 | api version int16 = 1 | correlation id int32 | client id int16 = -1 |
 *           topics: count int32 = 0 (none)
 * response: size int32 | correlation id int32 | brokers: count int32 | ...
 */
import { connect } from 'node:net';

const CORRELATION_ID = 0x68656164;
const ANSWER_MS_MAX = 2_000;
const ANSWER_BYTES = 12;

/** True once the broker on this port of 127.0.0.1 answers and lists at least one broker. Never throws. */
export function brokerAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = Buffer.alloc(0);
    const end = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < ANSWER_BYTES) return;
      end(answer.readInt32BE(4) === CORRELATION_ID && answer.readInt32BE(8) > 0);
    });
  });
}

function metadataRequest(): Buffer {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(3, 4);
  request.writeInt16BE(1, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  return request;
}
