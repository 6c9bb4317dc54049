/** Rating a file holds subscribers and duplicate keys, not events: with five times the events, only the keys grow. */

import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { readBookFile } from '../../src/book-file.ts';
import { rateStream } from '../../src/offline/rate-stream.ts';
import { settleFile } from '../../src/offline/settle-file.ts';
import { openUsage } from '../../src/offline/usage-options.ts';
import { testFolder } from '../support/files.ts';

const BOOK = fileURLToPath(new URL('../../../../docs/command-line/book.yaml', import.meta.url));
const SIMS = 200;
const [FEW, MANY] = [60_000, 300_000] as const;
const file = testFolder();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Written in pieces, so that nothing of it stays. */
function usage(events: number): string {
  const path = file(`${events}.jsonl`, '');
  for (let from = 0; from < events; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, events - from) }, (_, index) => {
      const number = from + index;
      return JSON.stringify({
        source: 'gw',
        eventId: String(number),
        service: 'data',
        iccid: String(number % SIMS),
        startTime: 1_793_530_800_000_000 + ((number * 7919) % events) * 1_000_000,
        bytesDown: number % 90_000,
        plmn: '26201',
      });
    });
    appendFileSync(path, `${lines.join('\n')}\n`);
  }
  return path;
}

/** Bytes held now, after everything that can go has gone. */
async function held(): Promise<number> {
  // What a finished stream held goes in a later turn.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('the stream', async () => {
  const book = await readBookFile(BOOK);
  const input = await openUsage({ usage: usage(MANY) }, book);
  const stream = rateStream(book, input);
  const seen: { readonly events: number; readonly bytes: number }[] = [];
  // Both in mid-stream: at its end the stream lets go of all.
  const marks = [FEW, MANY - 10_000];
  for (let next = await stream.next(); next.done !== true; next = await stream.next()) {
    if (input.tally.rated >= (marks[seen.length] ?? Number.POSITIVE_INFINITY)) {
      seen.push({ events: input.tally.rated, bytes: await held() });
    }
  }
  const [few, many] = seen;
  if (few === undefined || many === undefined) throw new Error('the file has too few events');
  const growth = (many.bytes - few.bytes) / (many.events - few.events);
  console.log(`${growth.toFixed(1)} bytes more for each event from ${few.events} to ${many.events} events`);
  expect(input.tally.rated).toBe(MANY);
  // A key takes about 40 bytes, up to twice that just after its table has grown; an event would take several hundred.
  expect(growth).toBeLessThan(100);
});

it('settlement, which sorts on disk', async () => {
  const book = await readBookFile(BOOK);
  const input = await openUsage({ usage: usage(FEW) }, book);
  const before = await held();
  let most = 0;
  const { settlements, bytesOnDisk } = await settleFile([book], input, {
    chunkBytes: 256 * 1024,
    onRated: () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    },
  });
  const keys = settlements[0]?.statistics().duplicateKeyBytes ?? 0;
  expect(bytesOnDisk).toBeGreaterThan(4 * 1024 * 1024);
  // Keys are kept twice: to find conflicts, and to find duplicates.
  expect((await held()) - before - 2 * keys).toBeLessThan(8 * 1024 * 1024);
  expect(most).toBeLessThan(bytesOnDisk + 64 * 1024 * 1024);
});
