/** Files of usage as people and systems send them: every record becomes an event or a refusal that says where and why. */
import { UsageDecoder, type UsageEvent, usageFile, writeUsageEvent } from '@headrace/codec';
import { ByteWriter } from '@headrace/codec/bytes/writer';
import { describe, expect, it } from 'vitest';
import { UsageFile, type UsageItem } from '../../src/usage/usage-file.ts';
import { testFolder } from '../support/files.ts';
import { Random } from '../support/random.ts';

const file = testFolder();
const HEADER = 'source,event_id,service,iccid,start_time,bytes_up,bytes_down';
const GOOD = 'm,1,data,8988,2026-11-01T12:00:00+01:00,10,20';

async function read(path: string, source = ''): Promise<UsageItem[]> {
  const items: UsageItem[] = [];
  for await (const batch of new UsageFile(path, { format: undefined, source }).batches()) items.push(...batch);
  return items;
}

/** What became of each record, in words: its line and its event id, or its code and detail. */
async function told(path: string): Promise<string[]> {
  return (await read(path)).map(({ place, event, refused }) => {
    const where = place.slice(path.length + 1);
    return refused === null ? `${where} ${event?.eventId}` : `${where} ${refused.code}: ${refused.detail}`;
  });
}

const event = (changes: object = {}): object => ({
  source: 'm',
  eventId: '1',
  service: 'data',
  iccid: '8988',
  startTime: '2026-11-01T12:00:00+01:00',
  bytesDown: 20,
  ...changes,
});

describe('JSON lines', () => {
  it.each<[string, object, Partial<UsageEvent>]>([
    ['camel case', { bytesUp: 10 }, { bytesUp: 10, bytesDown: 20, utcOffsetMinutes: 60 }],
    ['snake case', { bytes_up: 10, rating_group: 7 }, { bytesUp: 10, ratingGroup: 7 }],
    ['numbers as text', { bytesUp: '10' }, { bytesUp: 10 }],
    ['microseconds', { startTime: 1_793_530_800_000_001 }, { startTime: 1_793_530_800_000_001, utcOffsetMinutes: 0 }],
    ['an offset of its own', { utcOffsetMinutes: -60 }, { utcOffsetMinutes: -60 }],
    ['a fraction', { startTime: '2026-11-01T11:00:00.5Z' }, { startTime: 1_793_530_800_500_000 }],
    ['an amount', { amount: '12.50', currency: 'EUR' }, { amount: '12.50', currency: 'EUR' }],
    ['null and empty as absent', { imsi: null, apn: '' }, { imsi: null, apn: null }],
  ])('%s', async (_name, changes, expected) => {
    const [item] = await read(file('good.jsonl', JSON.stringify(event(changes))));
    expect(item?.refused).toBeNull();
    expect(item?.event).toMatchObject(expected);
  });

  it.each<[string, string | object, string]>([
    ['a line that is cut off', '{"source":"m","even', '1 SCHEMA_INVALID: not JSON ('],
    ['no object', '[1]', '1 SCHEMA_INVALID: [1] is no object; write one object a line'],
    [
      'an unknown field',
      event({ bytesUpp: 1 }),
      "1 SCHEMA_INVALID: there is no field 'bytesUpp'; did you mean 'bytesUp'?",
    ],
    [
      'an identity as a number',
      event({ iccid: 8988 }),
      '1 SCHEMA_INVALID: iccid is 8988; write a text in quotes: a number loses digits',
    ],
    [
      'a fraction of a byte',
      event({ bytesUp: 1.5 }),
      '1 SCHEMA_INVALID: bytesUp is 1.5; write a whole number of the smallest unit (bytes, seconds, pieces)',
    ],
    [
      'a number past 2^53',
      event({ bytesUp: '9007199254740993' }),
      '1 OVERFLOW: bytesUp is past 2^53 - 1, the largest whole number that is exact here',
    ],
    ['below zero', event({ bytesUp: -1 }), '1 QUANTITY_INVALID: bytesUp is -1, below 0'],
    ['too much', event({ bytesUp: 2 ** 48 }), '1 QUANTITY_INVALID: bytesUp is 281474976710656, above 140737488355328'],
    [
      'an end before the start',
      event({ endTime: '2026-11-01T10:00:00Z' }),
      '1 QUANTITY_INVALID: end_time 2026-11-01T10:00:00.000Z is before start_time 2026-11-01T11:00:00.000Z',
    ],
    ['no service', event({ service: '' }), '1 FIELD_MISSING: service is empty.'],
    ['no SIM', event({ iccid: null }), '1 FIELD_MISSING: None of iccid, imsi and msisdn is there.'],
    ['no event key', event({ eventId: null }), '1 FIELD_MISSING: No set of fields of the event key is complete.'],
    [
      'local time only',
      event({ startTime: '2026-11-01T12:00:00' }),
      '1 SCHEMA_INVALID: startTime is 2026-11-01T12:00:00; say the offset from UTC: add Z or +01:00',
    ],
    [
      'milliseconds',
      event({ startTime: 1_793_530_800_000 }),
      '1 SCHEMA_INVALID: startTime is 1793530800000; write it in microseconds since 1970 (as microseconds it is 1970-01-21T18:12:10.8Z; milliseconds times 1000, seconds times 1000000)',
    ],
    [
      'no date',
      event({ startTime: '2026-02-30T00:00:00Z' }),
      '1 SCHEMA_INVALID: startTime is 2026-02-30T00:00:00Z; write it as 2026-11-01T12:00:00+01:00, or as microseconds since 1970',
    ],
    [
      'an amount as a number',
      event({ amount: 12.5 }),
      '1 SCHEMA_INVALID: amount is 12.5; write a decimal in quotes, such as "12.50"',
    ],
    [
      'a field twice',
      JSON.stringify(event({ units: 1 })).replace('"units":1', '"units":1,"units":7'),
      '1 SCHEMA_INVALID: a field is there twice; leave one out',
    ],
    [
      'a field in both spellings',
      JSON.stringify({ ...event(), start_time: '2026-12-01T12:00:00Z' }),
      '1 SCHEMA_INVALID: field startTime is there twice; leave one out',
    ],
    [
      'an amount that is none',
      event({ amount: '1e3' }),
      '1 QUANTITY_INVALID: amount is "1e3", no decimal with at most 12 decimals.',
    ],
    [
      'a flag that is none',
      event({ retransmission: 'maybe' }),
      '1 SCHEMA_INVALID: retransmission is maybe; write true or false',
    ],
    ['a text without end', event({ apn: 'x'.repeat(5000) }), '1 MESSAGE_TOO_LARGE: apn is longer than 4096 bytes'],
  ])('%s is refused, and the next line is read', async (_name, bad, expected) => {
    const line = typeof bad === 'string' ? bad : JSON.stringify(bad);
    const [first, second] = await told(file('bad.jsonl', `${line}\n${JSON.stringify(event())}\n`));
    expect(first?.startsWith(expected)).toBe(true);
    expect(second).toBe('2 1');
  });

  it('takes a byte order mark, CR LF and empty lines, and needs no line end', async () => {
    const text = `\ufeff${JSON.stringify(event())}\r\n\r\n${JSON.stringify(event({ eventId: '2' }))}`;
    expect(await told(file('windows.jsonl', text))).toEqual(['1 1', '3 2']);
  });

  it('refuses a line that is too long or no UTF-8, and reads on', async () => {
    const good = JSON.stringify(event());
    const long = file('long.jsonl', `${good}\n{"apn":"${'x'.repeat(3 * 1024 * 1024)}"}\n${good}\n`);
    expect(await told(long)).toEqual([
      '1 1',
      '2 SCHEMA_INVALID: the line has 3145738 bytes, 1048576 are taken at most; write one event a line',
      '3 1',
    ]);
    const latin = Buffer.concat([Buffer.from([0x7b, 0xe4, 0x7d, 0x0a]), Buffer.from(good)]);
    expect(await told(file('latin.jsonl', latin))).toEqual([
      '1 SCHEMA_INVALID: the line is not UTF-8; convert the file to UTF-8',
      '2 1',
    ]);
  });
});

describe('CSV', () => {
  it.each([
    ['commas', `${HEADER}\n${GOOD}\n`],
    ['semicolons', `${HEADER}\n${GOOD}\n`.replaceAll(',', ';')],
    ['tabs', `${HEADER}\n${GOOD}\n`.replaceAll(',', '\t')],
    ['a byte order mark and CR LF', `\ufeff${HEADER}\r\n${GOOD}\r\n`],
    ['quotes', `${HEADER}\n"m","1",data,"8988",2026-11-01T12:00:00+01:00,10,"20"`],
    ['empty lines', `\n${HEADER}\n\n${GOOD}\n\n`],
  ])('with %s', async (_name, text) => {
    const [item, ...more] = await read(file('good.csv', text));
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      refused: null,
      event: { eventId: '1', bytesUp: 10, bytesDown: 20, utcOffsetMinutes: 60 },
    });
  });

  it('a field may hold separators, quotes and line ends', async () => {
    const rows = `${HEADER},node\n${GOOD},"a, ""b""\nc"\n${GOOD.replace('m,1', 'm,2')},d`;
    const items = await read(file('quoted.csv', rows));
    expect(items.map(({ event: read }) => read?.node)).toEqual(['a, "b"\nc', 'd']);
    expect(items[1]?.place).toMatch(/quoted\.csv:4$/);
  });

  it.each([
    [
      'a quote that is left open',
      GOOD.replace('8988', '"8988'),
      '2 SCHEMA_INVALID: a quote is opened and not closed; close it, or write a quote inside a field twice',
    ],
    [
      'text after a quote',
      GOOD.replace('8988', '"89"88'),
      '2 SCHEMA_INVALID: text follows the closing quote of field 4; put the whole field in quotes',
    ],
    [
      'a quote inside',
      GOOD.replace('8988', '89"88'),
      '2 SCHEMA_INVALID: field 4 has a quote inside; put the whole field in quotes and write it twice',
    ],
    [
      'a field too many',
      `${GOOD},9`,
      '2 SCHEMA_INVALID: line 2 has 8 fields, the header 7; leave an empty field for what is absent, and put a field with a separator in quotes',
    ],
    [
      'a wrong number',
      GOOD.replace('20', 'x'),
      '2 SCHEMA_INVALID: startTime is x26-11-01T12:00:00+01:00; write it as 2026-11-01T12:00:00+01:00, or as microseconds since 1970',
    ],
  ])('%s is refused, and the next line is read', async (_name, row, expected) => {
    expect(await told(file('bad.csv', `${HEADER}\n${row}\n${GOOD}\n`))).toEqual([expected, '3 1']);
  });

  it.each([
    [
      'an unknown column',
      'source,evnt_id',
      "1: the header line must name fields: there is no field 'evnt_id'; did you mean 'event_id'?",
    ],
    ['a column twice', 'source,source', '1: column source is there twice; leave one out'],
  ])('%s ends the reading', async (_name, header, expected) => {
    const path = file('head.csv', `${header}\n${GOOD}\n`);
    await expect(read(path)).rejects.toThrow(`${path}:${expected}`);
  });

  it('any text gives an item for each record and never throws', async () => {
    const random = new Random();
    for (let round = 0; round < 200; round += 1) {
      const text = Array.from({ length: random.below(60) }, () =>
        random.of(['"', ',', '\n', '\r\n', 'a', '1', ' ']),
      ).join('');
      const items = await read(file('random.csv', `${HEADER}\n${text}`));
      expect(items.every(({ refused }) => refused !== null)).toBe(true);
    }
  });
});

describe('Avro container files', () => {
  const decoder = new UsageDecoder();
  async function container(count: number): Promise<{ readonly bytes: Uint8Array; readonly events: UsageEvent[] }> {
    const text = Array.from({ length: count }, (_, index) => JSON.stringify(event({ eventId: String(index) }))).join(
      '\n',
    );
    const items = await read(file('source.jsonl', text));
    const events = items.map(({ event: read }) => read as UsageEvent);
    const writer = new ByteWriter();
    for (const one of events) writeUsageEvent(writer, one);
    return { bytes: usageFile(writer.view(), events.length), events };
  }

  /** A file of several blocks: each file's head is the same but for its sync marker, so blocks get the first one's. */
  async function blocks(): Promise<Uint8Array> {
    const { bytes } = await container(3);
    const sync = bytes.subarray(bytes.length - 16);
    const head = Buffer.from(bytes).indexOf(sync) + 16;
    return Buffer.concat([bytes, bytes.subarray(head), bytes.subarray(head)]);
  }

  it('give the events that the decoder gives for the whole, told by their first bytes', async () => {
    const { bytes, events } = await container(500);
    const items = await read(file('usage.bin', bytes));
    expect(items.map((item) => item.event)).toEqual(events);
    const message = decoder.decodeMessage(bytes);
    expect(message.kind === 'events' && message.events.map((decoded) => decoded.event)).toEqual(events);
  });

  it('are read block by block, and a broken block is refused alone', async () => {
    const bytes = Buffer.from(await blocks());
    expect(await told(file('blocks.avro', bytes))).toEqual(
      [1, 2, 3].flatMap((block) => [0, 1, 2].map((index) => `${block}:${index + 1} ${index}`)),
    );
    const size = bytes.length;
    const third = (size - Buffer.from(await container(3).then((one) => one.bytes)).length) / 2;
    bytes[size - third - 1] = (bytes[size - third - 1] as number) ^ 1;
    const broken = await told(file('broken.avro', bytes));
    expect(broken.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '1:1 0',
      '1:2 1',
      '1:3 2',
      '2 SCHEMA_INVALID:',
      '3:1 0',
      '3:2 1',
      '3:3 2',
    ]);
  });

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 20), 'The file ends inside block 3'],
    ['cut off in its head', (bytes: Uint8Array) => bytes.subarray(0, 100), 'The container file is unreadable'],
  ])('%s', async (_name, damage, words) => {
    expect((await told(file('cut.avro', damage(await blocks())))).at(-1)).toContain(words);
  });
});

describe('any file', () => {
  it('that is empty has no events', async () => {
    for (const name of ['empty.csv', 'empty.jsonl', 'empty']) expect(await read(file(name, ''))).toEqual([]);
    expect(await read(file('header.csv', HEADER))).toEqual([]);
  });

  it('that is not there is said so', async () => {
    await expect(read('/nowhere/usage.csv')).rejects.toThrow('/nowhere/usage.csv cannot be read');
  });

  it('without a name is told by how it begins', async () => {
    expect(await told(file('usage', `  ${JSON.stringify(event())}\n`))).toEqual(['1 1']);
    expect(await told(file('usage', `${HEADER}\n${GOOD}\n`))).toEqual(['2 1']);
  });

  it('may leave the source to whoever reads it', async () => {
    const [item] = await read(file('nameless.jsonl', JSON.stringify(event({ source: '' }))), 'trial');
    expect(item).toMatchObject({ refused: null, event: { source: 'trial' } });
  });
});
