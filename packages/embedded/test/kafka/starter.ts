/** Starts a broker, says so, and waits to be killed. */
import { startKafka } from '../../src/kafka/index.ts';

const kafka = await startKafka();
process.stdout.write(`${JSON.stringify({ pid: kafka.pid, brokers: kafka.brokers })}\n`);
setInterval(() => undefined, 60_000);
