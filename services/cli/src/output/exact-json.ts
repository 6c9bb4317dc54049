/** JSON in which no number loses digits: big integers are text; of fields that hold money the text is a decimal. */
import { formatMoney } from '@headrace/rating';

/** Fields of our objects that hold money. */
const MONEY_FIELDS = new Set(['amount', 'exact', 'difference', 'estimatedValue', 'before', 'after', 'change']);

export function exactJson(value: unknown): string {
  return JSON.stringify(value, (field, part: unknown) => {
    if (typeof part !== 'bigint') return part;
    return MONEY_FIELDS.has(field) ? formatMoney(part) : String(part);
  });
}
