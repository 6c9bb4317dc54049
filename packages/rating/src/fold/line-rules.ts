/**
 * Line rules: the same object for the same account, period, route and tag, so that the codec may compare by identity and
 * encode it once. Each account keeps the few made last, and so does each subscription its very last; a combination that
 * was pushed out is made again, which costs a little and changes nothing.
 */
import type { LineRule, Tag } from '../contract.ts';
import type { Account } from './accounts.ts';
import type { Route } from './plan-routes.ts';
import type { Subscription } from './subscription.ts';

/** Rules that an account keeps, a power of two. */
const RULES_KEPT = 64;

/** Tags as small numbers, for slots. */
const TAG_NUMBER: Readonly<Record<Tag, number>> = {
  'in-bundle': 0,
  overage: 1,
  'pay-per-use': 2,
  'zero-rated': 3,
  adjustment: 4,
};

/** The rule for what a payer, the subscription's account or its pool's, pays for use on the subscription's route. */
export function lineRule(subscription: Subscription, payer: Account, period: string, route: Route, tag: Tag): LineRule {
  const last = subscription.rule;
  if (last !== undefined && last.tag === tag && last.period === period && last.account === payer.name) return last;
  payer.rules ??= new Array<LineRule | undefined>(RULES_KEPT).fill(undefined);
  const slot = (route.serial * 5 + TAG_NUMBER[tag]) & (RULES_KEPT - 1);
  const kept = payer.rules[slot];
  const rule = kept !== undefined && isFor(kept, period, route, tag) ? kept : makeRule(payer, period, route, tag);
  payer.rules[slot] = rule;
  subscription.rule = rule;
  return rule;
}

/** True if a rule of the same account says the same of a route, period and tag. */
function isFor(rule: LineRule, period: string, route: Route, tag: Tag): boolean {
  return (
    rule.tag === tag &&
    rule.period === period &&
    rule.zone === route.zone &&
    rule.price === priceOf(route, tag) &&
    rule.priceBook === route.book.label &&
    rule.currency === route.plan.currency &&
    rule.unit === unitOf(route) &&
    rule.reason === reasonOf(route, tag)
  );
}

function makeRule(account: Account, period: string, route: Route, tag: Tag): LineRule {
  return {
    period,
    account: account.name,
    zone: route.zone,
    tag,
    leg: 'retail',
    unit: unitOf(route),
    currency: route.plan.currency,
    priceBook: route.book.label,
    price: priceOf(route, tag),
    reason: reasonOf(route, tag),
  };
}

function unitOf(route: Route): string {
  return route.service?.unit ?? '';
}

/** An allowance's line names no price. */
function priceOf(route: Route, tag: Tag): string {
  if (tag === 'in-bundle') return '';
  return route.zeroRated?.label ?? route.price?.label ?? '';
}

function reasonOf(route: Route, tag: Tag): string {
  return tag === 'zero-rated' ? (route.zeroRated?.reason ?? '') : '';
}
