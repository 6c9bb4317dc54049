/**
 * Takes reports in: control totals from assurance.controls, and what the headers of usage.rated say of the raters, into
 * the table control_totals.
 *
 *   1. insert the rows         if the process ends after it: inserted again, which changes nothing (same identity)
 *   2. commit the offset
 *
 * 1. Reports of one partition are inserted in its order, so that a later one is never there before an earlier one.
 * 2. A message that cannot be read, a second time neither, is counted and logged, and does not stop the others: what it
 *    should have reported is missing then, which is a finding.
 * 3. A header is believed only if the block has the digest that it says.
 */
import { type ControlTotals, decodeControlTotals, verifyBlock } from '@headrace/codec';
import { type Logger, messageOf, retrying } from '@headrace/platform';
import type { Store } from '@headrace/store';
import {
  type Broker,
  type Committed,
  type Consumption,
  generationTopic,
  type PartitionHandle,
  type StreamMessage,
  TOPICS,
} from '@headrace/stream';
import { raterControls } from './header-controls.ts';
import type { AssuranceMeters } from './meters.ts';

export interface AssuranceRoom {
  readonly broker: Broker;
  readonly store: Pick<Store, 'query' | 'insertControlTotals' | 'findings' | 'insertFindings'>;
  readonly meters: AssuranceMeters;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface IntakeOptions {
  readonly group: string;
  readonly generation: number;
  readonly queueBytesMax: number;
}

/** Thrown where the partition is no longer ours; not a failure. */
class Lost extends Error {}

export class Intake {
  readonly #room: AssuranceRoom;
  readonly #controls: string;
  #consumption: Consumption | undefined;

  private constructor(room: AssuranceRoom) {
    this.#room = room;
    this.#controls = room.broker.topic(TOPICS.controls);
  }

  static async start(room: AssuranceRoom, options: IntakeOptions): Promise<Intake> {
    const intake = new Intake(room);
    intake.#consumption = await room.broker.consume({
      group: options.group,
      topics: [TOPICS.controls, generationTopic(TOPICS.rated, options.generation)],
      queueBytesMax: options.queueBytesMax,
      assigned: ({ topic, partition, committed }) => intake.#open(topic, partition, committed),
      messages: (handle, messages) => intake.#take(handle, messages),
      revoked: async () => undefined,
    });
    return intake;
  }

  lag(): ReadonlyMap<string, number> {
    return this.#consumption?.lag() ?? new Map();
  }

  stopped(): ReturnType<Consumption['stopped']> {
    return this.#consumption?.stopped() ?? [];
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  /** A table without reports (ClickHouse was made anew) is filled from the begin of the log. */
  async #open(topic: string, partition: number, committed: Committed | null): Promise<{ startAt: number }> {
    const { store, broker, log, signal } = this.#room;
    const count = () => store.query<{ found: number }>('SELECT toUInt32(count()) AS found FROM control_totals');
    const [row] = await retrying('look for reports', log, signal, count);
    if (committed !== null && (row?.found ?? 0) > 0) return { startAt: committed.offset };
    const offsets = await broker.offsets(topic);
    return { startAt: offsets.find((entry) => entry.partition === partition)?.low ?? 0 };
  }

  async #take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    const { store, log, signal, meters } = this.#room;
    const reports: ControlTotals[] = [];
    const insert = async () => {
      if (handle.lost) throw new Lost();
      await store.insertControlTotals(reports);
    };
    try {
      for (const message of messages) {
        const report = this.#read(message) ?? (await this.#readAgain(message));
        if (report !== null) reports.push(report);
      }
      if (reports.length > 0) {
        await retrying('insert reports', log, signal, insert, (error) => meters.waited(error.code));
      }
    } catch (error) {
      if (error instanceof Lost || signal.aborted) return;
      throw error;
    }
    meters.reports(reports.map(({ stage }) => stage));
    const last = messages.at(-1);
    if (last !== undefined) handle.commit(last.offset + 1);
  }

  /** The report in a message; null if it cannot be read. */
  #read(message: StreamMessage): ControlTotals | null {
    try {
      if (message.value === null) throw new Error('the message is empty');
      if (message.topic === this.#controls) return decodeControlTotals(message.value);
      const read = verifyBlock(message.value);
      if (read.problem !== null) throw new Error(read.problem);
      return raterControls(read.header);
    } catch (error) {
      const { topic, partition, offset } = message;
      this.#room.log.warn('a report cannot be read', { topic, partition, offset, reason: messageOf(error) });
      return null;
    }
  }

  /** A message that arrived damaged may be whole in the log. */
  async #readAgain(message: StreamMessage): Promise<ControlTotals | null> {
    const { broker, log, signal, meters } = this.#room;
    const again = await retrying('read a damaged report again', log, signal, () => broker.readAgain(message));
    const report = again === null ? null : this.#read(again);
    if (report !== null) return report;
    const { topic, partition, offset } = message;
    log.error('a report is left out: it cannot be read in the log itself', { topic, partition, offset });
    meters.unreadable(topic);
    return null;
  }
}
