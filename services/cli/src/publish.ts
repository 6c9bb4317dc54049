/**
 * `headrace publish FILE`: usage from a file into `usage.events`, for mediation integrators and first trials.
 *
 * 1. Everything that guiding would reject at once is not sent: it is listed with its place, and counted.
 * 2. The totals printed at the end are of what was acknowledged. A run that failed may be repeated: events are known by
 *    their keys, so what was sent already is a duplicate.
 */
import type { UsageEvent } from '@headrace/codec';
import { HeadraceError, messageOf } from '@headrace/platform';
import { type Command, CommandFailed, readWords, UsageError, wholeNumber } from './command.ts';
import { Tally } from './offline/tally.ts';
import { openUsageFile, problemsListed } from './offline/usage-options.ts';
import { Output } from './output/output.ts';
import { grouped, Progress } from './output/progress.ts';
import { BatchTotals, type Totals } from './publishing/batch-totals.ts';
import { type Form, KafkaSink } from './publishing/kafka-sink.ts';
import { sizeOf } from './usage/usage-file.ts';

const HELP = `headrace publish FILE [--dry-run] [--container] [--schema-id N] [--json]

Sends usage from a file (JSON lines, CSV, or an Avro container file) to usage.events: each event a message in the Confluent
wire format, or many in one Avro container file. Prints control totals of the batch (events, bytes, seconds, units, and a
digest of all events in order) to compare with what the pipeline says it received. Lines that the pipeline would refuse are
listed with place and reason, and not sent.

  --dry-run         read and count only; needs no Kafka
  --container       container files of at most --batch events each
  --batch N         events of one send, or of one container file (2000)
  --schema-id N     the id that messages name; else the registry's (SCHEMA_REGISTRY_URL), or schemas/avro/manifest.json's
  --received-at     tell the pipeline that an event was received at its own time (with RECEIPT_TIME=header)
  --source NAME     the source of events that name none
  --format FORMAT   jsonl, csv or avro; else told by the file's name and first bytes
  --strict          the first bad line ends the run with status 1; what was sent before stays sent
  --problems N      list at most N problems (100); all are counted
  --progress        tell progress on standard error, also when nobody watches
  --json            the totals as one JSON object

Exit status: 0 sent, 1 refused or failed, 2 wrong words.

Examples:
  npx headrace publish usage.csv --source trial --dry-run
  KAFKA_BROKERS=127.0.0.1:9092 npx headrace publish usage.jsonl
`;

const BATCH = 2000;
const BATCH_MAX = 20_000;
export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values, positionals } = readWords(words, {
      'dry-run': { type: 'boolean' },
      container: { type: 'boolean' },
      batch: { type: 'string' },
      'schema-id': { type: 'string' },
      'received-at': { type: 'boolean' },
      source: { type: 'string' },
      format: { type: 'string' },
      strict: { type: 'boolean' },
      problems: { type: 'string' },
      progress: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new UsageError('headrace publish takes one file; see --help.');
    const batch = wholeNumber('batch', values.batch, BATCH, BATCH_MAX);
    const form: Form = { container: values.container === true, receivedAt: values['received-at'] === true };
    const given =
      values['schema-id'] === undefined ? null : wholeNumber('schema-id', values['schema-id'], 1, 2 ** 31 - 1);
    const file = openUsageFile(path, values);
    const progress = new Progress(values.progress === true, await sizeOf(path));
    const listed = problemsListed(values.problems);
    const tally = new Tally({ strict: values.strict === true, listed });
    const sink = values['dry-run'] === true ? null : await KafkaSink.open(form, given, log);
    const totals = new BatchTotals();
    let waiting: UsageEvent[] = [];
    const send = async (): Promise<void> => {
      await sink?.send(waiting);
      for (const event of waiting) totals.add(event);
      waiting = [];
      progress.show('Publishing', totals.events, file.bytesRead);
    };
    try {
      for await (const items of file.batches()) {
        for (const { place, event, refused } of items) {
          tally.received += 1;
          if (refused !== null) tally.refuse(place, refused);
          else if (event !== null) waiting.push(event);
          if (waiting.length >= batch) await send();
        }
      }
      if (waiting.length > 0) await send();
    } catch (error) {
      const expected = error instanceof HeadraceError || error instanceof CommandFailed;
      if (!expected || sink === null || totals.events === 0) throw error;
      const again = `${grouped(totals.events)} events were sent before; the file may be published again, what is there is a duplicate then`;
      throw new CommandFailed(`${messageOf(error)} (${again}.)`);
    } finally {
      progress.done();
      await sink?.close();
    }
    const output = new Output();
    const done = {
      sent: sink !== null,
      file: path,
      messages: sink?.messages ?? 0,
      ...totals.told,
      refused: tally.counts.codes,
    };
    output.line(values.json === true ? JSON.stringify(done) : inWords(done, tally));
    await output.flush();
    return 0;
  },
};

function inWords(done: Totals & { readonly sent: boolean; readonly messages: number }, tally: Tally): string {
  const { events, bytes, seconds, units, digest, messages, sent } = done;
  const what = sent
    ? `Sent ${grouped(events)} events in ${grouped(messages)} messages`
    : `Would send ${grouped(events)} events`;
  const refused = tally.rejected + tally.suspended;
  const rest = refused === 0 ? '' : ` ${grouped(refused)} of ${grouped(tally.received)} refused and not sent.`;
  return (
    `${what}: ${grouped(bytes)} bytes, ${grouped(seconds)} seconds, ${grouped(units)} units.${rest}\n` +
    `Digest ${digest} (SHA-256 of the events as usage-event.v1 data, in order).`
  );
}
