/** Guiding without Kafka: a usage event becomes one that the fold takes, or is refused with the code that guiding gives. */
import { eventKey, parseAmount, payloadDigest, type Refusal, sessionOf, type UsageEvent } from '@headrace/codec';
import type { Context, OfflineEvent } from '@headrace/rating';
import type { Subscribers } from './subscribers.ts';

/** Contexts that are kept; a file has few kinds of use. */
const CONTEXTS_MAX = 10_000;

export class OfflineGuide {
  readonly #subscribers: Subscribers;
  readonly #contexts = new Map<string, Context>();
  readonly #key = new Uint32Array(4);
  readonly #payload = new Uint32Array(2);

  constructor(subscribers: Subscribers) {
    this.#subscribers = subscribers;
  }

  guide(event: UsageEvent): OfflineEvent | Refusal {
    const profile = this.#subscribers.resolve(event);
    if ('code' in profile) return profile;
    const id = eventKey(event, this.#key);
    if (id === null) return { code: 'FIELD_MISSING', outcome: 'rejected', detail: 'no event key is complete' };
    payloadDigest(event, this.#payload);
    const [a = 0, b = 0, c = 0, d = 0] = this.#key;
    const [e = 0, f = 0] = this.#payload;
    return {
      id,
      key: [a, b, c, d],
      payload: [e, f],
      profile,
      context: this.#contextOf(event),
      eventTime: event.startTime,
      endTime: event.endTime ?? event.startTime,
      // One time for all: duplicates are looked for in the whole file, however long its period.
      receivedAt: 0,
      utcOffsetMinutes: event.utcOffsetMinutes,
      bytesUp: event.bytesUp,
      bytesDown: event.bytesDown,
      seconds: event.seconds,
      units: event.units,
      amount: event.amount === null ? undefined : (parseAmount(event.amount) ?? undefined),
      amountCurrency: event.currency ?? '',
      imei: event.imei ?? '',
      session: sessionOf(event),
    };
  }

  #contextOf(event: UsageEvent): Context {
    const { source, service, plmn, rat, apn, ratingGroup } = event;
    const text = `${source}\u0000${service}\u0000${plmn ?? ''}\u0000${rat ?? ''}\u0000${apn ?? ''}\u0000${ratingGroup ?? -1}`;
    let context = this.#contexts.get(text);
    if (context === undefined) {
      if (this.#contexts.size >= CONTEXTS_MAX) this.#contexts.clear();
      context = {
        source,
        service,
        plmn: plmn ?? '',
        rat: rat ?? '',
        apn: apn ?? '',
        ratingGroup: ratingGroup ?? -1,
        rawEncoding: 'message',
      };
      this.#contexts.set(text, context);
    }
    return context;
  }
}

export function isRefusal(guided: OfflineEvent | Refusal): guided is Refusal {
  return 'code' in guided;
}
