/** Line rules, interned: one object for each account, period, route and tag, so that the codec may compare by identity. */
import type { LineRule, Tag } from '../contract.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Route } from './plan-routes.ts';
import type { Subscription } from './subscription.ts';

/** Tags as small numbers, for keys. */
const TAG_NUMBER: Readonly<Record<Tag, number>> = {
  'in-bundle': 0,
  overage: 1,
  'pay-per-use': 2,
  'zero-rated': 3,
  adjustment: 4,
};

/** The rule for what a member's account, or its pool's, pays for use on the member's route in a period. */
export function subscriptionRule(
  accounts: Accounts,
  subscription: Subscription,
  payer: Account,
  period: string,
  route: Route,
  tag: Tag,
): LineRule {
  const last = subscription.rule;
  if (last !== undefined && last.tag === tag && last.period === period && last.account === payer.name) return last;
  const rule = lineRule(accounts, payer, period, route, tag);
  subscription.rule = rule;
  return rule;
}

/** The rule for what an account pays for use on a route in a period. */
function lineRule(accounts: Accounts, account: Account, period: string, route: Route, tag: Tag): LineRule {
  const rules = account.rules(period);
  const key = route.serial * 8 + TAG_NUMBER[tag];
  let rule = rules.get(key);
  if (rule === undefined) {
    rule = {
      period,
      account: account.name,
      zone: route.zone,
      tag,
      leg: 'retail',
      unit: route.service?.unit ?? '',
      currency: route.plan.currency,
      priceBook: route.book.label,
      price: tag === 'in-bundle' ? '' : (route.zeroRated?.label ?? route.price?.label ?? ''),
      reason: tag === 'zero-rated' ? (route.zeroRated?.reason ?? '') : '',
    };
    rules.set(key, rule);
    accounts.countRule();
  }
  return rule;
}
