/**
 * Line rules: the same object for the same contents, so that the codec may compare by identity and encode it once. Whoever
 * makes lines keeps the rule made last (routes and buckets do, for one period); what was pushed out is found here again.
 */
import type { LineRule } from '../contract.ts';
import { RULES_KEPT } from './limits.ts';

export class LineRules {
  readonly #rules = new Map<string, LineRule>();

  /** The rule with these contents. */
  of(rule: LineRule): LineRule {
    const key = keyOf(rule);
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    if (this.#rules.size === RULES_KEPT) this.#rules.clear();
    this.#rules.set(key, rule);
    return rule;
  }
}

function keyOf(rule: LineRule): string {
  const { period, zone, tag, leg, unit, currency, priceBook, price, reason, bucket, meter } = rule;
  // Names hold no line breaks that would let two lists of fields run together; a reason, which might, stands last.
  return `${period}\n${zone}\n${tag}\n${leg}\n${unit}\n${currency}\n${priceBook}\n${price}\n${bucket}\n${meter}\n${reason}`;
}
