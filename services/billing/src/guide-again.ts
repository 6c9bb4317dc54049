/**
 * Rated events as rows become events for the fold again: guided by all facts that are known now, which may be others than
 * when they were rated. Pure.
 */
import { parseAmount } from '@headrace/codec';
import { type Context, type GuidingCode, isProfile, type OfflineEvent, type ReferenceIndex } from '@headrace/rating';

/** Kinds of use that are kept; there are few. */
const CONTEXTS_MAX = 100_000;

/** An event that was rated and that cannot be guided any more. */
export interface Unguided {
  readonly code: GuidingCode;
  readonly id: string;
  readonly service: string;
}

export function isGuided(guided: OfflineEvent | Unguided): guided is OfflineEvent {
  return !('code' in guided);
}

export class GuideAgain {
  readonly #index: ReferenceIndex;
  readonly #contexts = new Map<string, Context>();

  constructor(index: ReferenceIndex) {
    this.#index = index;
  }

  /** @param row in the order of EVENT_COLUMNS of the store */
  guide(row: readonly string[]): OfflineEvent | Unguided {
    const [keyText = '', id = '', start, end, received, offset, imei = '', session = '', payloadText = ''] = row;
    const [bytesUp, bytesDown, seconds, units, amount = '', amountCurrency = '', sim = ''] = row.slice(9, 16);
    const eventTime = Number(start);
    const context = this.#contextOf(row.slice(16, 22));
    const profile = this.#index.resolve(sim, null, null, eventTime, this.#index.end);
    if (!isProfile(profile)) return { code: profile.code, id, service: context.service };
    return {
      id,
      key: [word(keyText, 0), word(keyText, 1), word(keyText, 2), word(keyText, 3)],
      payload: [word(payloadText, 0), word(payloadText, 1)],
      profile,
      context,
      eventTime,
      endTime: Number(end),
      receivedAt: Number(received),
      utcOffsetMinutes: Number(offset),
      bytesUp: Number(bytesUp),
      bytesDown: Number(bytesDown),
      seconds: Number(seconds),
      units: Number(units),
      amount: amount === '' ? undefined : (parseAmount(amount) ?? undefined),
      amountCurrency,
      imei,
      session,
    };
  }

  /** The same object for the same kind of use. */
  #contextOf(columns: readonly string[]): Context {
    const text = columns.join('\u0000');
    let context = this.#contexts.get(text);
    if (context === undefined) {
      if (this.#contexts.size >= CONTEXTS_MAX) this.#contexts.clear();
      const [source = '', service = '', plmn = '', rat = '', apn = '', ratingGroup = '-1'] = columns;
      context = { source, service, plmn, rat, apn, ratingGroup: Number(ratingGroup), rawEncoding: 'message' };
      this.#contexts.set(text, context);
    }
    return context;
  }
}

/** A word of 32 bits from hexadecimal text, the first digits highest. */
function word(text: string, index: number): number {
  return Number.parseInt(text.slice(index * 8, index * 8 + 8), 16);
}
