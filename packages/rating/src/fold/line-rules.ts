/** Line rules, interned: one object for each account, period, route and tag, so that the codec may compare by identity. */
import type { LineRule, Tag } from '../contract.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Route } from './plan-routes.ts';

const TAGS: readonly Tag[] = ['in-bundle', 'overage', 'pay-per-use', 'zero-rated', 'adjustment'];

/** The rule for what an account pays for use on a route in a period. */
export function lineRule(accounts: Accounts, account: Account, period: string, route: Route, tag: Tag): LineRule {
  const rules = account.rules(period);
  const key = route.serial * TAGS.length + TAGS.indexOf(tag);
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
