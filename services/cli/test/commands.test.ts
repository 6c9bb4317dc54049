/** The commands over files, as a user meets them: what they print, how they end, and what they say of bad input. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testFolder } from './support/files.ts';
import { headrace } from './support/headrace.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../../docs/command-line/${name}`, import.meta.url));
const [BOOK, NEXT, USAGE, SIMS] = ['book.yaml', 'book-2027.yaml', 'usage.csv', 'sims.csv'].map(example) as [
  string,
  string,
  string,
  string,
];
const OVER = ['--usage', USAGE, '--subscribers', SIMS];
const file = testFolder();

/** An event a line; what is not said is 1,000 bytes at home. */
function usage(name: string, events: readonly object[]): string {
  const common = {
    source: 'gw',
    service: 'data',
    iccid: '8988001',
    startTime: '2026-11-02T08:00:00Z',
    bytesDown: 1000,
    plmn: '26201',
  };
  return file(name, events.map((event) => `${JSON.stringify({ ...common, ...event })}\n`).join(''));
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the launcher', () => {
  it("hands over to the project's own Node where the running one is too old, with status and streams", async () => {
    const old =
      'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})';
    const ended = await headrace(['validate', BOOK, '/nowhere.yaml'], { node: ['--import', old] });
    expect(ended).toMatchObject({ status: 2, error: expect.stringContaining('/nowhere.yaml cannot be read') });
    expect(ended.out).toContain('trackers@1 is valid');
  });
});

describe('wrong words end with status 2 and one sentence', () => {
  it.each<[readonly string[], string]>([
    [['rte'], 'there is no command "rte". Did you mean "rate"?'],
    [['rate'], 'headrace rate takes one price book'],
    [['rate', BOOK], '--usage FILE is needed'],
    [['rate', BOOK, '--usage', USAGE, '--json', '--csv'], '--json and --csv do not go together'],
    [['rate', BOOK, '--usage', '/nowhere.csv'], '/nowhere.csv cannot be read'],
    [['rate', BOOK, '--usage', USAGE, '--plan', 'trackr'], 'did you mean "tracker"?'],
    [['bill', BOOK, '--usage', USAGE, '--format', 'xml'], '--format takes jsonl, csv, avro, not "xml"'],
    [['bill'], 'headrace bill needs a book and --usage, or --period for ClickHouse'],
    [['explain', BOOK, ...OVER], 'say what to explain: --event ID or --account NAME'],
    [['diff', BOOK], 'headrace diff takes two price books'],
    [['trial', BOOK, NEXT, '--usage', USAGE, '--as-of', 'soon'], '--as-of soon: write it as'],
    [['publish'], 'headrace publish takes one file'],
    [['publish', USAGE, '--batch', '0'], '--batch takes a whole number'],
  ])('%j', async (words, sentence) => {
    const ended = await headrace(words);
    expect(ended).toMatchObject({ status: 2, out: '' });
    expect(ended.error).toContain(sentence);
    expect(ended.error.trim().split('\n')).toHaveLength(1);
  });
});

describe('what is refused ends with status 1, and says where', () => {
  it('a book with errors', async () => {
    const bad = file('bad.yaml', readFileSync(BOOK, 'utf8').replace("unitPrice: '0.10'", "unitPrice: 'ten'"));
    for (const words of [
      ['validate', bad],
      ['rate', bad, ...OVER],
      ['diff', bad, NEXT],
    ]) {
      const ended = await headrace(words);
      expect(ended.status).toBe(1);
      expect(ended.out + ended.error).toMatch(/bad\.yaml:30:\d+: plans\.tracker\.prices\[0\]\.unitPrice: /);
      expect(ended.error).not.toContain('    at ');
    }
    const [said] = lines((await headrace(['validate', bad, '--json'])).out);
    expect(said).toMatchObject({ book: null, problems: [{ line: 30, path: 'plans.tracker.prices[0].unitPrice' }] });
  });

  it('subscribers with errors, all of them', async () => {
    const sims = file('sims.csv', 'iccid,account,plan,time_zone\n1,a,trackr,\n2,a,tracker,Mars\n,,,\n3,a,tracker\n');
    const ended = await headrace(['rate', BOOK, '--usage', USAGE, '--subscribers', sims]);
    expect(ended).toMatchObject({ status: 1, out: '' });
    expect(ended.error.split('\n').slice(1, -1)).toEqual([
      `  ${sims}:2: plan 'trackr' is not in the book; did you mean 'tracker'?`,
      expect.stringContaining(`  ${sims}:3: account fact 'account/a': timeZone must be an IANA time zone`),
      `  ${sims}:4: neither a SIM (iccid, imsi, msisdn) nor a subscription is named`,
      `  ${sims}:5: 3 fields, the header has 4`,
    ]);
  });

  it('facts that guiding would refuse, at their lines', async () => {
    const sim = {
      kind: 'sim',
      id: 's',
      sim: '1',
      imsi: null,
      msisdn: null,
      state: 'active',
      validFrom: '2026-01-01T00:00:00Z',
    };
    const subscription = {
      kind: 'subscription',
      id: 'u',
      subscription: 'x',
      account: 'nobody',
      plan: 'tracker',
      pool: null,
      state: 'active',
      validFrom: '2026-01-01T00:00:00Z',
    };
    const facts = file(
      'facts.jsonl',
      `${JSON.stringify({ ...sim, subscription: 'x' })}\n\n${JSON.stringify(subscription)}\n{`,
    );
    const ended = await headrace(['bill', BOOK, '--usage', USAGE, '--subscribers', facts]);
    expect(ended.status).toBe(1);
    expect(ended.error).toContain(`${facts}:3: account nobody is unknown`);
    expect(ended.error).toContain(`${facts}:4: not JSON`);
  });

  it('the first bad line of a strict run', async () => {
    const ended = await headrace(['rate', BOOK, ...OVER, '--strict', '--json']);
    expect(ended.status).toBe(1);
    expect(ended.error).toBe(`headrace: ${USAGE}:8: SIM_UNKNOWN (suspended): no SIM has ICCID 8988009\n`);
  });

  it.each([
    [['--event', 'gw/99'], 'has no event gw/99'],
    [['--account', 'acme', '--service', 'voice'], 'there is no rated line with account acme, service voice'],
  ])('an event or line that is not there: %j', async (wanted, sentence) => {
    const ended = await headrace(['explain', BOOK, ...OVER, ...wanted]);
    expect(ended).toMatchObject({ status: 1, out: '', error: expect.stringContaining(sentence) });
  });
});

describe('rate', () => {
  it('gives JSON lines and CSV of the same lines, and nothing else, on standard output', async () => {
    const [json, csv] = [
      await headrace(['rate', BOOK, ...OVER, '--json']),
      await headrace(['rate', BOOK, ...OVER, '--csv']),
    ];
    const rows = lines(json.out);
    const [header = '', ...records] = csv.out.trimEnd().split('\n');
    expect(Object.keys(rows[0] ?? {}).join(',')).toBe(header);
    expect(records).toHaveLength(rows.length);
    expect(rows[2]).toMatchObject({
      event_id: 'gw/2',
      tag: 'overage',
      quantity: 524_288,
      event_quantity: 1_048_576,
      amount: '0.05',
      part: 1,
    });
    expect(rows[2]).toMatchObject({
      meter: 'pool:cycle',
      price: 'tracker/data@always',
      account: 'acme',
      leg: 'retail',
    });
    expect(json.error).toContain('9 events, 6 rated, 1 duplicate, 0 rejected, 2 suspended');
  });

  it('reads standard input, and an empty file has no events', async () => {
    const input = `${JSON.stringify({ source: 'gw', eventId: '1', service: 'data', iccid: '1', startTime: '2026-11-02T08:00:00Z', bytesUp: 1, plmn: '26201' })}\n`;
    const ended = await headrace(['rate', BOOK, '--usage', '-', '--json'], { input });
    expect(lines(ended.out)).toMatchObject([{ event_id: 'gw/1', account: 'default', tag: 'in-bundle' }]);
    const empty = await headrace(['rate', BOOK, '--usage', file('empty.jsonl', '')]);
    expect(empty).toMatchObject({ status: 0, error: '' });
    expect(empty.out).toContain('0 events, 0 rated');
  });

  it('lists so many problems as asked for, and counts all', async () => {
    const bad = usage(
      'bad.jsonl',
      [1, 2, 3].map((id) => ({ eventId: String(id), bytesDown: -id })),
    );
    const ended = await headrace(['rate', BOOK, '--usage', bad, '--problems', '1', '--json']);
    expect(ended.status).toBe(0);
    expect(ended.error).toContain(`${bad}:1: QUANTITY_INVALID (suspended): bytesDown is -1, below 0\nMore problems`);
    expect(ended.error).not.toContain(`${bad}:2`);
    expect(ended.error).toContain('Not rated: 3 suspended QUANTITY_INVALID');
  });

  it('ends quietly when nobody reads any more', () => {
    const many = usage(
      'many.jsonl',
      Array.from({ length: 20_000 }, (_, id) => ({ eventId: String(id) })),
    );
    const launcher = fileURLToPath(new URL('../headrace.mjs', import.meta.url));
    const command = `'${process.execPath}' '${launcher}' rate '${BOOK}' --usage '${many}' --json | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
  });
});

describe('bill', () => {
  it('is the same for any order of the file and any repeats', async () => {
    const [header = '', ...events] = readFileSync(USAGE, 'utf8').trimEnd().split('\n');
    const mixed = file('mixed.csv', [header, ...[...events, ...events].reverse()].join('\n'));
    const asGiven = await headrace(['bill', BOOK, ...OVER, '--csv']);
    const bill = await headrace(['bill', BOOK, '--usage', mixed, '--subscribers', SIMS, '--csv']);
    expect(bill.out).toBe(asGiven.out);
    expect(bill.out).toContain('acme,2026-11,message,,adjustment,retail,messages,EUR,0,0.73,0.73,0');
  });

  it('leaves out events in conflict, and says so', async () => {
    const conflict = usage('conflict.jsonl', [{ eventId: '1' }, { eventId: '1', bytesDown: 2000 }, { eventId: '2' }]);
    const ended = await headrace(['bill', BOOK, '--usage', conflict, '--json']);
    const [bill] = lines(ended.out);
    expect(bill).toMatchObject({
      lines: [{ service: 'data', tag: 'in-bundle', quantity: '1000', amount: '0', difference: '0' }],
      unrated: [{ code: 'DUPLICATE_CONFLICT', events: 2, firstEvent: 'gw/1' }],
      events: {
        received: 3,
        rated: 1,
        duplicate: 0,
        rejected: 0,
        suspended: 2,
        codes: { 'suspended DUPLICATE_CONFLICT': 2 },
      },
    });
  });

  it('is of one period and one account where asked', async () => {
    const two = usage('two.jsonl', [
      { eventId: '1', iccid: '8988001' },
      { eventId: '2', iccid: '8988003' },
      { eventId: '3', iccid: '8988003', startTime: '2026-12-02T08:00:00Z' },
    ]);
    const words = [
      'bill',
      BOOK,
      '--usage',
      two,
      '--subscribers',
      SIMS,
      '--period',
      '2026-12',
      '--account',
      'brook',
      '--json',
    ];
    const [bill] = lines((await headrace(words)).out);
    expect(bill).toMatchObject({
      lines: [{ account: 'brook', period: '2026-12' }],
      pools: [{ pool: 'meters', period: '2026-12' }],
    });
  });

  it('takes Avro container files, as publish writes them and as others do', async () => {
    const jsonl = usage('for-avro.jsonl', [{ eventId: '1' }, { eventId: '2', iccid: '8988002' }]);
    const { usageFile, writeUsageEvent } = await import('@headrace/codec');
    const { ByteWriter } = await import('@headrace/codec/bytes/writer');
    const { UsageFile } = await import('../src/usage/usage-file.ts');
    const writer = new ByteWriter();
    for await (const items of new UsageFile(jsonl, { format: undefined, source: '' }).batches()) {
      for (const { event } of items) if (event !== null) writeUsageEvent(writer, event);
    }
    const avro = file('usage.avro', usageFile(writer.view(), 2));
    const [fromJson, fromAvro] = [
      await headrace(['bill', BOOK, '--usage', jsonl, '--csv']),
      await headrace(['bill', BOOK, '--usage', avro, '--csv']),
    ];
    expect(fromAvro.out).toBe(fromJson.out);
    expect(fromAvro.out.split('\n').length).toBeGreaterThan(2);
  });
});

describe('explain', () => {
  it.each([
    ['gw/8', 'Account brook pays 1.8 EUR for it in period 2026-11.'],
    ['7', `${USAGE}:9: not rated: QUANTITY_INVALID (suspended): bytesUp is -4096, below 0`],
    ['gw/6', `${USAGE}:8: not rated: SIM_UNKNOWN (suspended): no SIM has ICCID 8988009`],
  ])('event %s', async (event, sentence) => {
    const ended = await headrace(['explain', BOOK, ...OVER, '--event', event]);
    expect(ended).toMatchObject({ status: 0, error: '' });
    expect(ended.out).toContain(sentence);
  });

  it('an event in conflict', async () => {
    const conflict = usage('conflict.jsonl', [{ eventId: '1' }, { eventId: '1', bytesDown: 2000 }]);
    const ended = await headrace(['explain', BOOK, '--usage', conflict, '--event', '1']);
    expect(ended.out).toContain('gw/1 is not rated: DUPLICATE_CONFLICT');
  });

  it('gives lines and words as JSON', async () => {
    const [said] = lines((await headrace(['explain', BOOK, ...OVER, '--event', '2', '--json'])).out);
    expect(said).toMatchObject({ lines: [{ tag: 'in-bundle' }, { tag: 'overage', amount: '0.05' }] });
    expect(said?.words).toContain('0.05 - 0 = 0.05 EUR.');
  });

  it('an invoice line that holds a commitment', async () => {
    const ended = await headrace(['explain', BOOK, ...OVER, '--account', 'acme', '--tag', 'adjustment']);
    expect(ended.out).toContain('Largest: commitment (0 messages, 0.73 EUR).');
  });
});

describe('diff and trial', () => {
  it('a book against itself changes nothing', async () => {
    expect((await headrace(['diff', BOOK, BOOK])).out).toBe('trackers@1 -> trackers@1\nThey price alike.\n');
    const [same] = lines((await headrace(['trial', BOOK, BOOK, ...OVER, '--json'])).out);
    expect(same).toMatchObject({
      currencies: [{ before: '3.85', after: '3.85', change: '0', accountsUp: 0, accountsDown: 0, accountsSame: 2 }],
      topMovers: [],
    });
  });

  it('says what is new and gone, and that a changed price needs a date', async () => {
    const text = readFileSync(BOOK, 'utf8')
      .replace('version: 1', 'version: 2')
      .replace("packagePrice: '0.50'", "packagePrice: '0.55'")
      .replaceAll('shared', 'common');
    const ended = await headrace(['diff', BOOK, file('changed.yaml', text)]);
    expect(ended.out).toContain('+ pool rule common is new\n');
    expect(ended.out).toContain('- pool rule shared is gone\n');
    expect(ended.out).toContain(
      '    price: 0.5 EUR for each started 1,048,576 bytes -> 0.55 EUR for each started 1,048,576 bytes\n',
    );
    expect(ended.out).toContain(
      "! The new book could not follow the old one: price 'roaming' of plan 'tracker' differs",
    );
  });

  it('what the new book cannot rate is shown beside the money', async () => {
    const text = readFileSync(BOOK, 'utf8')
      .replace('version: 1', 'version: 2')
      .replace(/.*id: message.*\n/, '')
      .replace(/ {2}message: .*\n/, '');
    const [trial] = lines((await headrace(['trial', BOOK, file('without.yaml', text), ...OVER, '--json'])).out);
    expect(trial).toMatchObject({
      unratedBefore: [],
      unratedAfter: [{ code: 'SERVICE_UNRESOLVED', service: 'message', events: 2 }],
    });
  });
});

describe('publish', () => {
  it('counts in a dry run; the digest tells files apart and not their form', async () => {
    const events = [{ eventId: '1' }, { eventId: '2', bytesDown: 5 }];
    const csv = file(
      'same.csv',
      'source,event_id,service,iccid,start_time,bytes_down,plmn\ngw,1,data,8988001,2026-11-02T08:00:00Z,1000,26201\ngw,2,data,8988001,2026-11-02T08:00:00Z,5,26201\n',
    );
    const said = async (path: string): Promise<Record<string, unknown> | undefined> =>
      lines((await headrace(['publish', path, '--dry-run', '--json'])).out)[0];
    const fromJson = await said(usage('same.jsonl', events));
    expect(fromJson).toMatchObject({
      sent: false,
      messages: 0,
      events: 2,
      bytes: 1005,
      seconds: 0,
      units: 0,
      refused: {},
    });
    expect((await said(csv))?.digest).toBe(fromJson?.digest);
    expect((await said(usage('other.jsonl', [...events].reverse())))?.digest).not.toBe(fromJson?.digest);
  });
});
