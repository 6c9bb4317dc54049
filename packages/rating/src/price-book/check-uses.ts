/**
 * Checks how plans and the wholesale leg use tariffs: one currency for each, nothing in a tariff that its use leaves
 * without effect, and no tariff that nobody uses.
 */
import { type DocumentReader, join } from './document-reader.ts';
import type { Price, PriceBook, Tariff } from './price-book.ts';
import type { Places } from './read-tariff.ts';
import { currencyByTariff } from './tariff-currency.ts';

export function checkUses(reader: DocumentReader, book: PriceBook, places: Places, whole: boolean): void {
  const currencies = currencyByTariff(book);
  checkPlanCurrencies(reader, book, currencies);
  const wholesale = new Set(book.wholesale);
  for (const tariff of book.tariffs.values()) {
    if (wholesale.has(tariff.name)) checkWholesaleTariff(reader, book, tariff, places, currencies.has(tariff.name));
    else if (whole && !currencies.has(tariff.name)) {
      const cure = 'name it in the tariffs of a plan, or take it out';
      reader.add(join('tariffs', tariff.name), 'is never used: no plan names it', cure);
    }
  }
}

/** A shared tariff shares its meters and buckets among plans, so amounts of all of them must add up. */
function checkPlanCurrencies(reader: DocumentReader, book: PriceBook, currencies: ReadonlyMap<string, string>): void {
  for (const plan of book.plans.values()) {
    plan.tariffs.slice(1).forEach((tariff, index) => {
      const currency = currencies.get(tariff);
      if (currency === undefined || currency === '' || plan.currency === '' || currency === plan.currency) return;
      const path = `${join(join('plans', plan.id), 'tariffs')}[${index}]`;
      const problem = `the plan is in ${plan.currency}, and other plans use tariff '${tariff}' in ${currency}`;
      reader.add(path, problem, 'use a tariff of its own for each currency');
    });
  }
}

function checkWholesaleTariff(
  reader: DocumentReader,
  book: PriceBook,
  tariff: Tariff,
  places: Places,
  usedByPlan: boolean,
): void {
  const at = (entry: Price | Tariff['allowances'][number]): string => places.paths.get(entry) ?? '';
  if (usedByPlan) {
    const user = [...book.plans.values()].find((plan) => plan.tariffs.includes(tariff.name));
    const path = `wholesale.tariffs[${book.wholesale.indexOf(tariff.name)}]`;
    reader.add(path, `plan '${user?.id}' uses tariff '${tariff.name}' too`, 'keep costs in a tariff that no plan uses');
    return;
  }
  for (const allowance of tariff.allowances) {
    const problem = `allowance '${allowance.id}' would cover what partners charge, which no allowance does`;
    reader.add(at(allowance), problem, 'take it out, or move it to a tariff that plans use');
  }
  for (const price of tariff.prices) {
    if (price.leg === 'wholesale') continue;
    const problem = `price '${price.id}' is retail, and no plan uses this tariff`;
    reader.add(join(at(price), 'leg'), problem, 'write leg: wholesale');
  }
}
