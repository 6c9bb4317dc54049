import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { UsageDecoder, type UsageEvent, usageFile, usageMessage } from '../../src/index.ts';
import { writeUsageEvent } from '../../src/usage/write-event.ts';
import { framed, usageEventType, wireEvent } from '../support/events.ts';

const decoder = new UsageDecoder();
const full = {
  imei: '490154203237518',
  end_time: 1_795_000_100_000_000,
  amount: '12.50',
  currency: 'EUR',
  rating_group: -7,
  node: 'pgw-7',
  charging_id: 2 ** 32 - 1,
  opening_time: 1_795_000_000_000_001,
  container_index: 0,
  other_party: '+49 30 ümlaut',
  retransmission: true,
};

function eventsOf(message: Uint8Array): readonly (UsageEvent | null)[] {
  const decoded = decoder.decodeMessage(message);
  if (decoded.kind === 'refused') throw new Error(decoded.detail);
  return decoded.events.map(({ event }) => event);
}

describe('writing usage events', () => {
  test.each([
    ['as it comes', {}],
    ['all that it can have', full],
  ])('an independent encoder gives the same bytes: %s', (_name, changes) => {
    const datum = usageEventType.toBuffer(wireEvent(changes));
    const [event] = eventsOf(framed(datum));
    if (!event) throw new Error('no event');
    expect(Buffer.from(usageMessage(event, 1))).toEqual(Buffer.from(framed(datum)));
  });

  test('a file gives back its events, and equal events give equal files', () => {
    const events = [
      ...eventsOf(framed(usageEventType.toBuffer(wireEvent(full)))),
      ...eventsOf(framed(usageEventType.toBuffer(wireEvent({})))),
    ];
    const file = (): Uint8Array => {
      const writer = new ByteWriter();
      for (const event of events) if (event) writeUsageEvent(writer, event);
      return usageFile(writer.view(), events.length);
    };
    expect(eventsOf(file())).toEqual(events);
    expect(file()).toEqual(file());
  });
});
