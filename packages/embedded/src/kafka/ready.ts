/**
 * Asks a broker for its metadata over a bare socket: the answer that lists a broker is what every client begins with.
 * No Kafka client is imported for it; only `stream` and `testkit` may.
 *
 * request:  size int32 | api key int16 = 3 | api version int16 = 2 | correlation id int32 | client id int16 = -1 |
 *           topics: count int32 = 0 (none)
 * response: size int32 | correlation id int32 | brokers: count int32, each: id int32, host string, port int32,
 *           rack string or null | cluster id string or null | ...
 * string:   length int16 (-1 is null), UTF-8
 */
import { connect } from 'node:net';

const CORRELATION_ID = 0x68656164;
const ANSWER_MS_MAX = 2_000;

/**
 * The cluster id of the broker on this port of 127.0.0.1, once it answers and lists at least one broker; else null.
 * The id tells our broker from one that took the port before it. Never throws.
 */
export function answeringCluster(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = Buffer.alloc(0);
    const end = (cluster: string | null) => {
      socket.destroy();
      resolve(cluster);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => end(null));
    socket.once('error', () => end(null));
    socket.once('close', () => end(null));
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) end(clusterOf(answer));
    });
  });
}

function metadataRequest(): Buffer {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(3, 4);
  request.writeInt16BE(2, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  return request;
}

/** Null for what is no answer to our request, or lists no broker yet. */
function clusterOf(answer: Buffer): string | null {
  let at = 12;
  const string = (): string | null => {
    const length = answer.readInt16BE(at);
    const text = length < 0 ? null : answer.toString('utf8', at + 2, at + 2 + length);
    at += 2 + Math.max(length, 0);
    return text;
  };
  try {
    const brokers = answer.readInt32BE(8);
    if (answer.readInt32BE(4) !== CORRELATION_ID || brokers < 1) return null;
    for (let broker = 0; broker < brokers; broker += 1) {
      at += 4;
      string();
      at += 4;
      string();
    }
    return string();
  } catch {
    // Something else than Kafka listens there, and its answer ends too early.
    return null;
  }
}
