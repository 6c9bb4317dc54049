/**
 * Writes rated blocks (rated-line.v1). The fields event_key..session are the guided event's bytes, usage_account..pool its
 * profile's and source..rating_group its context's, all copied unchanged from the guided block; block identity and rule
 * are encoded once and copied; only what is the line's own is encoded for each line.
 *
 * Invariant: field order here is the order of schemas/avro/rated-line.v1.avsc; the tests read every field back with a
 * generic decoder.
 */

import type { LineRule, RatedLine } from '@headrace/rating/contract';
import { latestSchema } from '../avro/schemas.ts';
import { writeAmount } from '../bytes/amount.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { factKey } from '../usage/identity.ts';
import { encodeBlock } from './block-file.ts';
import type { GuidedBlock } from './guided-block.ts';
import type { HeaderInput } from './header.ts';

const { schema: schemaText } = latestSchema('rated-line');
const LINE_BYTES_GUESS = 384;
const ARENA_BYTES = 32 * 1024;
/** Source of lines that a fact caused. */
export const REFERENCE_SOURCE = 'reference';

/** The guided message that a rated block answers. */
export interface GuidedIdentity {
  readonly generation: number;
  readonly partition: number;
  /** Offset of the guided message. */
  readonly offset: number;
  /** Microseconds: timestamp of the guided message. */
  readonly blockTime: number;
}

export interface RatedBlockInput {
  /** null for an empty block, and for lines that facts caused. */
  readonly guided: GuidedBlock | null;
  readonly lines: readonly RatedLine[];
  readonly identity: GuidedIdentity;
  readonly header: HeaderInput;
}

export function encodeRatedBlock(block: RatedBlockInput): Uint8Array {
  const writer = new ByteWriter(block.lines.length * LINE_BYTES_GUESS);
  const parts = new SharedParts(block.identity);
  const { lines, guided } = block;
  for (let number = 0; number < lines.length; number++) {
    const line = lines[number] as RatedLine;
    if (line.event >= 0) {
      if (guided === null) throw new RangeError('a line names an event, but there is no guided block');
      parts.writeShared(writer, guided, line);
    } else {
      writeFactPrefix(writer, line, block.identity);
      writeIdentity(writer, block.identity);
      writeRule(writer, line.rule);
    }
    writer.text(line.bucket);
    writer.text(line.meter);
    writer.long(number);
    writer.long(line.part);
    writer.long(line.quantity);
    writer.long(line.eventQuantity);
    writeAmount(writer, line.amount);
    writer.long(line.before);
    writer.long(line.after);
    writer.long(line.bucketSize);
  }
  return encodeBlock({ header: block.header, schemaText, records: writer.view(), count: lines.length });
}

/** Bytes that lines of a block share, made at first use and kept side by side in one buffer. */
class SharedParts {
  readonly #identity: GuidedIdentity;
  readonly #arena = new ByteWriter(ARENA_BYTES);
  /** Identity and rule lie side by side in a line. */
  readonly #rules = new Map<LineRule, Run>();

  constructor(identity: GuidedIdentity) {
    this.#identity = identity;
  }

  /** The fields event_key..reason of an event's line. */
  writeShared(writer: ByteWriter, guided: GuidedBlock, line: RatedLine): void {
    const { event } = line;
    if (event >= guided.count) throw new RangeError(`a line names event ${event} of ${guided.count}`);
    writer.appendRange(guided.bytes, guided.prefixFrom[event] as number, guided.prefixTo[event] as number);
    const profile = guided.profile[event] as number;
    const context = guided.context[event] as number;
    const rule = this.#rules.get(line.rule) ?? this.#addRule(line.rule);
    writer.appendRange(guided.bytes, guided.profileFrom[profile] as number, guided.profileTo[profile] as number);
    writer.appendRange(guided.bytes, guided.contextFrom[context] as number, guided.contextTo[context] as number);
    writer.appendRange(this.#arena.bytes, rule.from, rule.to);
  }

  #addRule(rule: LineRule): Run {
    const from = this.#arena.length;
    writeIdentity(this.#arena, this.#identity);
    writeRule(this.#arena, rule);
    const run = { from, to: this.#arena.length };
    this.#rules.set(rule, run);
    return run;
  }
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function writeIdentity(writer: ByteWriter, identity: GuidedIdentity): void {
  writer.long(identity.generation);
  writer.long(identity.partition);
  writer.long(identity.offset);
  writer.long(identity.blockTime);
}

function writeRule(writer: ByteWriter, rule: LineRule): void {
  writer.text(rule.period);
  writer.text(rule.account);
  writer.text(rule.zone);
  writer.text(rule.tag);
  writer.text(rule.leg);
  writer.text(rule.unit);
  writer.text(rule.currency);
  writer.text(rule.priceBook);
  writer.text(rule.price);
  writer.text(rule.reason);
}

const key = new Uint32Array(4);

/** A line that a fact caused has no event: its key is the fact's, its time the fact's, its origin the block's. */
function writeFactPrefix(writer: ByteWriter, line: RatedLine, identity: GuidedIdentity): void {
  const { fact } = line;
  if (fact === undefined) throw new RangeError('a line has neither an event nor a fact');
  factKey(fact.id, key);
  writer.words(key, 0, 4);
  writer.text(fact.id);
  writer.long(fact.time);
  writer.long(fact.time);
  writer.long(0);
  writer.long(identity.blockTime);
  writer.long(-1);
  writer.long(-1);
  writer.long(0);
  writer.text('');
  writer.text('');
  writer.text(line.rule.account);
  writer.text(fact.subscription);
  writer.text('');
  writer.text('');
  writer.text(fact.pool);
  writer.text(REFERENCE_SOURCE);
  writer.text(fact.service ?? '');
  writer.text('');
  writer.text('');
  writer.text('');
  writer.long(-1);
}
