/** A broker that is killed and comes back is used again by whatever was running, without a loss and without noise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningKafka, startKafka } from '@headrace/embedded';
import { afterAll, expect, test } from 'vitest';
import { Broker, persist } from '../src/index.ts';
import { collect, isRun, keptLog, makeTopic, recorder, settings, until, valueAt } from './support.ts';

const dir = mkdtempSync(join(tmpdir(), 'headrace-outage-'));
let kafka: RunningKafka | null = null;

afterAll(async () => {
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

// Starting a broker may take a minute on a busy machine.
test('a broker that is killed and started again', async () => {
  kafka = await startKafka({ dir });
  const { log, lines } = keptLog();
  const broker = await Broker.connect(settings({ brokers: [kafka.brokers] }), log);
  await makeTopic(broker, 'log', 2);
  const producer = broker.producer();
  const send = (number: number) =>
    persist(
      () =>
        producer.send(
          [0, 1].map((partition) => ({
            topic: 'log',
            partition,
            messages: [{ value: Buffer.from(valueAt(partition, number)) }],
          })),
        ),
      { log, what: 'sending' },
    );
  const seen = recorder('outage', 'log');
  const consumption = await broker.consume(seen.options);
  for (let number = 0; number < 50; number += 1) await send(number);
  await until(() => seen.values.size === 100);

  const port = Number(kafka.brokers.split(':')[1]);
  process.kill(kafka.pid, 'SIGKILL');
  const sent = (async () => {
    for (let number = 50; number < 100; number += 1) await send(number);
  })();
  // A read that began before the broker was gone, up to what will be written after it is back.
  const read = collect(broker.read('log', 1, 0, 100));
  await until(() => lines.some(({ level }) => level === 'warn'));
  await kafka.stop().catch(() => undefined);
  kafka = await startKafka({ dir, port });
  await sent;
  await until(() => seen.values.size === 200);

  for (const [key, offsets] of seen.offsets) expect(isRun(offsets), key).toBe(true);
  expect((await read).map(({ offset }) => offset)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(consumption.stopped()).toEqual([]);
  const warnings = lines.filter(({ level }) => level !== 'info').map(({ message }) => message.replace(/:.*/s, ''));
  expect(new Set(warnings).size, `each once: ${JSON.stringify(lines, null, 1)}`).toBe(warnings.length);
  await until(async () => (await broker.committed('outage', 'log')).get(0)?.offset !== undefined);
  await consumption.stop();
  await broker.close();
}, 300_000);
