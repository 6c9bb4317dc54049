/**
 * Writes rated blocks (rated-line.v1). The fields event_key..amount_currency are the guided event's bytes,
 * usage_account..pool its profile's and source..rating_group its context's, all copied unchanged from the guided block, as is
 * the payer; the block's identity is encoded once a block, a rule once for as long as it is kept; only what is the line's own
 * is encoded for each line.
 *
 * Invariant: field order here is the order of schemas/avro/rated-line.v1.avsc; the tests read every field back with a
 * generic decoder.
 */

import {
  type LineCause,
  type LineRule,
  PAYER_CAUSE,
  PAYER_POOL_ACCOUNT,
  PAYER_USAGE_ACCOUNT,
  type RatedLines,
} from '@headrace/rating/contract';
import { latestSchema } from '../avro/schemas.ts';
import { writeAmount, writeSafeAmount } from '../bytes/amount.ts';
import { KeptBytes } from '../bytes/kept-bytes.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { factKey } from '../usage/identity.ts';
import { encodeBlock } from './block-file.ts';
import { CONTEXT_FROM, CONTEXT_POSITIONS, CONTEXT_TO } from './context-dictionary.ts';
import type { GuidedBlock } from './guided-block.ts';
import type { HeaderInput } from './header.ts';
import {
  PROFILE_ACCOUNT_TO,
  PROFILE_FROM,
  PROFILE_POOL_ACCOUNT_TO,
  PROFILE_POSITIONS,
  PROFILE_TO,
} from './profile-dictionary.ts';

const { schema: schemaText } = latestSchema('rated-line');
const RULE_BYTES_MAX = 8 * 1024 * 1024;
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
  readonly lines: RatedLines;
  readonly identity: GuidedIdentity;
  readonly header: HeaderInput;
}

/** Writes block after block, with the same memory. */
export class RatedBlockWriter {
  readonly #writer = new ByteWriter();
  readonly #rules = new KeptBytes<LineRule>(writeRule, RULE_BYTES_MAX);
  readonly #identity = new ByteWriter();
  readonly #key = new Uint32Array(4);

  /** The block, in a buffer of its own. */
  encode(block: RatedBlockInput): Uint8Array {
    const { lines, guided, identity, header } = block;
    const writer = this.#writer;
    writer.clear();
    this.#identity.clear();
    writeIdentity(this.#identity, identity);
    for (let line = 0; line < lines.count; line++) {
      const event = lines.event[line] as number;
      if (event < 0) this.#writeCaused(lines, line, identity);
      else if (guided === null) throw new RangeError('a line names an event, but there is no guided block');
      else this.#writeOfEvent(guided, lines, line, event);
      writeNumbers(writer, lines, line);
    }
    return encodeBlock({ header, schemaText, records: writer.view(), count: lines.count });
  }

  /** The fields event_key..account of an event's line. */
  #writeOfEvent(guided: GuidedBlock, lines: RatedLines, line: number, event: number): void {
    if (event >= guided.count) throw new RangeError(`a line names event ${event} of ${guided.count}`);
    const writer = this.#writer;
    writer.appendRange(guided, guided.prefixFrom[event] as number, guided.prefixTo[event] as number);
    const profile = (guided.profile[event] as number) * PROFILE_POSITIONS;
    const at = guided.profileAtBytes;
    const profileFrom = at[profile + PROFILE_FROM] as number;
    const profileTo = at[profile + PROFILE_TO] as number;
    writer.appendRange(guided, profileFrom, profileTo);
    const context = (guided.context[event] as number) * CONTEXT_POSITIONS;
    writer.appendRange(
      guided,
      guided.contextAtBytes[context + CONTEXT_FROM] as number,
      guided.contextAtBytes[context + CONTEXT_TO] as number,
    );
    this.#writeIdentityAndRule(lines.rules[line]);
    const payer = lines.payer[line] as number;
    if (payer === PAYER_USAGE_ACCOUNT) {
      writer.appendRange(guided, profileFrom, at[profile + PROFILE_ACCOUNT_TO] as number);
    } else if (payer === PAYER_POOL_ACCOUNT) {
      writer.appendRange(guided, profileTo, at[profile + PROFILE_POOL_ACCOUNT_TO] as number);
    } else throw new RangeError(`an event's line has payer ${payer}`);
  }

  /** The same of a line that a fact caused: its key is the fact's, its time the fact's, its origin the block's. */
  #writeCaused(lines: RatedLines, line: number, identity: GuidedIdentity): void {
    const cause = lines.causes.get(line);
    if (cause === undefined) throw new RangeError('a line has neither an event nor a cause');
    if (lines.payer[line] !== PAYER_CAUSE) throw new RangeError(`a cause's line has payer ${lines.payer[line]}`);
    factKey(cause.id, this.#key);
    writeCause(this.#writer, cause, this.#key, identity);
    this.#writeIdentityAndRule(lines.rules[line]);
    this.#writer.text(cause.account);
  }

  #writeIdentityAndRule(rule: LineRule | undefined): void {
    if (rule === undefined) throw new RangeError('a line has no rule');
    this.#writer.appendRange(this.#identity, 0, this.#identity.length);
    const { from, to } = this.#rules.rangeOf(rule);
    this.#writer.appendRange(this.#rules.source, from, to);
  }
}

/** One block by itself. */
export function encodeRatedBlock(block: RatedBlockInput): Uint8Array {
  return new RatedBlockWriter().encode(block);
}

/** The fields line..threshold. */
function writeNumbers(writer: ByteWriter, lines: RatedLines, line: number): void {
  writer.long(line);
  writer.long(lines.part[line] as number);
  writer.long(lines.quantity[line] as number);
  writer.long(lines.eventQuantity[line] as number);
  const amount = lines.amount[line] as number;
  if (Number.isNaN(amount)) writeAmount(writer, lines.amountOf(line));
  else writeSafeAmount(writer, amount);
  writer.long(lines.before[line] as number);
  writer.long(lines.after[line] as number);
  writer.long(lines.bucketSize[line] as number);
  writer.long(lines.threshold[line] as number);
}

function writeIdentity(writer: ByteWriter, identity: GuidedIdentity): void {
  writer.long(identity.generation);
  writer.long(identity.partition);
  writer.long(identity.offset);
  writer.long(identity.blockTime);
}

function writeRule(writer: ByteWriter, rule: LineRule): void {
  writer.text(rule.period);
  writer.text(rule.zone);
  writer.text(rule.tag);
  writer.text(rule.leg);
  writer.text(rule.unit);
  writer.text(rule.currency);
  writer.text(rule.priceBook);
  writer.text(rule.price);
  writer.text(rule.reason);
  writer.text(rule.bucket);
  writer.text(rule.meter);
}

/** The fields event_key..rating_group of a line that has no event. */
function writeCause(writer: ByteWriter, cause: LineCause, key: Uint32Array, { blockTime }: GuidedIdentity): void {
  writer.words(key, 0, 4);
  writer.text(cause.id);
  writer.long(cause.time);
  writer.long(cause.time);
  writer.long(0);
  writer.long(blockTime);
  writer.long(-1);
  writer.long(-1);
  writer.long(0);
  writer.text('');
  writer.text('');
  // payload_digest, then bytes_up, bytes_down, seconds and units, no event_amount, no amount_currency.
  writer.words(NO_DIGEST, 0, 2);
  for (let field = 0; field < 6; field++) writer.byte(0);
  writer.text(cause.account);
  writer.text(cause.subscription);
  writer.text('');
  writer.text('');
  writer.text(cause.pool);
  writer.text(REFERENCE_SOURCE);
  writer.text(cause.service);
  writer.text('');
  writer.text('');
  writer.text('');
  writer.long(-1);
}

const NO_DIGEST = new Uint32Array(2);
