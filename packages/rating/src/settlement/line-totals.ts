/**
 * Adds rated lines up by total. Lines of one rule mostly share the rule's object, so within a block a line costs two
 * look-ups, and a text is made once for each party and rule.
 */
import type { GuidedEvents, LineCause, LineRule, RatedLines } from '../contract.ts';
import { PAYER_POOL_ACCOUNT } from '../contract.ts';
import { ExactSum } from './exact-sum.ts';
import { compareTotals, type Total, type TotalKey, totalKeyText } from './totals.ts';

interface Slot {
  readonly key: TotalKey;
  readonly quantity: ExactSum;
  readonly amount: ExactSum;
}

/** Whose line it is: what a total's key has beside the rule. */
type Party = Pick<TotalKey, 'account' | 'subscription' | 'service'>;

interface PartySlots {
  readonly party: Party;
  readonly byRule: Map<LineRule, Slot>;
}

export class LineTotals {
  readonly #slots = new Map<string, Slot>();

  /** Adds all lines of a block of events. */
  add(lines: RatedLines, events: GuidedEvents): void {
    const parties = new Map<number, PartySlots>();
    const contexts = events.contextCount;
    for (let line = 0; line < lines.count; line += 1) {
      const event = lines.event[line] as number;
      if (event < 0) {
        this.#addLine({ party: causeParty(lines.causes.get(line)), byRule: new Map() }, lines, line);
        continue;
      }
      const profile = events.profile[event] as number;
      const context = events.context[event] as number;
      const poolPays = lines.payer[line] === PAYER_POOL_ACCOUNT;
      const number = (profile * contexts + context) * 2 + (poolPays ? 1 : 0);
      let slots = parties.get(number);
      if (slots === undefined) {
        slots = { party: eventParty(events, profile, context, poolPays), byRule: new Map() };
        parties.set(number, slots);
      }
      this.#addLine(slots, lines, line);
    }
  }

  /** Sorted. Totals that add up to zero are among them: something was rated. */
  totals(): Total[] {
    const totals = [...this.#slots.values()].map(({ key, quantity, amount }) => ({
      ...key,
      quantity: quantity.value,
      amount: amount.value,
    }));
    return totals.sort(compareTotals);
  }

  #addLine({ party, byRule }: PartySlots, lines: RatedLines, line: number): void {
    const rule = lines.rules[line] as LineRule;
    let slot = byRule.get(rule);
    if (slot === undefined) {
      slot = this.#slot(party, rule);
      byRule.set(rule, slot);
    }
    slot.quantity.add(lines.quantity[line] as number);
    const amount = lines.amount[line] as number;
    if (Number.isNaN(amount)) slot.amount.addLarge(lines.amountOf(line));
    else slot.amount.add(amount);
  }

  #slot(party: Party, rule: LineRule): Slot {
    const { zone, tag, period, currency, unit, leg } = rule;
    const key = { ...party, zone, tag, period, currency, unit, leg };
    const text = totalKeyText(key);
    let slot = this.#slots.get(text);
    if (slot === undefined) {
      slot = { key, quantity: new ExactSum(), amount: new ExactSum() };
      this.#slots.set(text, slot);
    }
    return slot;
  }
}

function eventParty(events: GuidedEvents, profile: number, context: number, poolPays: boolean): Party {
  const { usageAccount, poolAccount, subscription } = events.profileAt(profile);
  return { account: poolPays ? poolAccount : usageAccount, subscription, service: events.contextAt(context).service };
}

function causeParty(cause: LineCause | undefined): Party {
  if (cause === undefined) throw new RangeError('a line without an event has no cause');
  return { account: cause.account, subscription: cause.subscription, service: cause.service };
}
