/**
 * Whose SIMs they are, without a reference log: facts from a file, or one subscription for each SIM that the usage names.
 *
 * 1. Facts that guiding or the fold would refuse are problems with file and line; nothing is rated then.
 * 2. Without a file, an event's first identity (ICCID, IMSI, MSISDN) is its subscription, of account `default`, from ever.
 */
import type { Refusal, UsageEvent } from '@headrace/codec';
import { type GuidedFact, isProfile, type Profile, type ReferenceFact, ReferenceIndex } from '@headrace/rating';
import type { BookFile } from '../book-file.ts';
import type { Defaults } from './defaults.ts';
import { type PlacedFact, readSubscriberFile } from './subscriber-file.ts';

const FACTS_AT_ONCE = 1000;
/** Facts that concern the fold; SIMs concern guiding alone. */
const FOLDED = new Set<ReferenceFact['kind']>(['account', 'pool', 'subscription', 'topUp', 'priceBook']);

export class Subscribers {
  readonly #index = new ReferenceIndex();
  readonly #facts: GuidedFact[] = [];
  /** Null: facts come from a file, and an unknown SIM is unknown. */
  readonly #defaults: Defaults | null;
  #taken = 0;

  private constructor(defaults: Defaults | null) {
    this.#defaults = defaults;
  }

  /** One subscription for each SIM, as the usage names them. */
  static ofUsage(defaults: Defaults): Subscribers {
    const subscribers = new Subscribers(defaults);
    subscribers.#apply(defaults.facts);
    return subscribers;
  }

  /** @returns the problems with file and line where there are any */
  static async ofFile(path: string, defaults: Defaults): Promise<Subscribers | readonly string[]> {
    const subscribers = new Subscribers(null);
    const problems: string[] = [];
    for await (const read of readSubscriberFile(path, defaults, problems)) {
      for (let from = 0; from < read.length; from += FACTS_AT_ONCE) {
        problems.push(...subscribers.#applyPlaced(read.slice(from, from + FACTS_AT_ONCE)));
      }
    }
    return problems.length > 0 ? problems : subscribers;
  }

  /** Who an event belongs to as of its time, or why nobody. */
  resolve(event: UsageEvent): Profile | Refusal {
    const found = this.#look(event);
    if (isProfile(found)) return found;
    if (this.#defaults === null || found.code !== 'SIM_UNKNOWN') return { ...found, outcome: 'suspended' };
    this.#apply(this.#defaults.factsOf(event));
    const added = this.#look(event);
    return isProfile(added) ? added : { ...added, outcome: 'suspended' };
  }

  /** The facts for the fold that came since they were last taken. */
  takeFacts(): readonly GuidedFact[] {
    const fresh = this.#facts.slice(this.#taken);
    this.#taken = this.#facts.length;
    return fresh;
  }

  /** All facts for the fold, the book's first. */
  factsWith(book: BookFile): readonly GuidedFact[] {
    return [bookFact(book), ...this.#facts];
  }

  get counts(): ReferenceIndex['size'] {
    return this.#index.size;
  }

  #look({ iccid, imsi, msisdn, startTime }: UsageEvent): ReturnType<ReferenceIndex['resolve']> {
    return this.#index.resolve(iccid, imsi, msisdn, startTime, this.#index.end);
  }

  #applyPlaced(placed: readonly PlacedFact[]): readonly string[] {
    const refused = this.#apply(placed.map(({ fact }) => fact));
    return refused.map(({ index, reason }) => `${placed[index]?.place ?? ''}: ${reason}`);
  }

  #apply(facts: readonly ReferenceFact[]): readonly { readonly index: number; readonly reason: string }[] {
    const position = this.#index.end;
    for (const fact of facts) if (FOLDED.has(fact.kind)) this.#facts.push(guidedFact(fact, position + 1));
    return this.#index.applyMessage(position, JSON.stringify(facts));
  }
}

/** The fact that puts a book in force. */
export function bookFact({ book, document }: BookFile): GuidedFact {
  return guidedFact({ kind: 'priceBook', id: `price-book/${book.name}@${book.version}`, book: document }, 0);
}

function guidedFact(fact: ReferenceFact, position: number): GuidedFact {
  return { position, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) };
}
