/** Tariffs that plans share, and the one of partners: what visited networks charge. */
import { roamingZones } from './networks.ts';

type Json = Readonly<Record<string, unknown>>;

export const PARTNERS = 'partners';

/** Platform events and premium services: the same in every plan, so a change of plan goes on with its meters. */
export function commonOf(currency: string): string {
  return `common-${currency.toLowerCase()}`;
}

/** Messages by the account: all of its subscriptions together reach the lower prices. */
export function textsOf(currency: string): string {
  return `texts-${currency.toLowerCase()}`;
}

export function sharedTariffs(): Json {
  return {
    [commonOf('EUR')]: { prices: [lifecycle, premium] },
    [commonOf('USD')]: { prices: [lifecycle, { ...premium, ratePercent: '14' }] },
    [textsOf('EUR')]: { prices: [texts('texts-eur', ['0.09', '0.07', '0.05'])] },
    [textsOf('USD')]: { prices: [texts('texts-usd', ['0.1', '0.08', '0.055'])] },
    [PARTNERS]: { prices: partnerPrices() },
  };
}

const lifecycle = { id: 'lifecycle', service: 'lifecycle', model: 'zero-rated', reason: 'platform events' };

const premium = {
  id: 'premium',
  service: 'premium',
  model: 'percentage',
  ratePercent: '12.5',
  perEvent: { freeEvents: 1, fixed: '0.05', minimum: '0.1', maximum: '0.9' },
  meter: { owner: 'subscription', scope: 'cycle' },
};

function texts(id: string, [first, second, third]: readonly [string, string, string]): Json {
  const tiers = [{ upTo: 20, unitPrice: first }, { upTo: 500, unitPrice: second }, { unitPrice: third }];
  return { id, service: 'message', model: 'volume', tiers, meter: { owner: 'account', scope: 'cycle' } };
}

/** By groups of zones; the own network costs nothing. */
function partnerPrices(): Json[] {
  const [near = [], far = [], farthest = []] = roamingZones(0, 3);
  const base = { leg: 'wholesale', service: 'data', model: 'per-unit', per: '1 MB' };
  const voice = { ...base, service: 'voice', per: 60, meter: { owner: 'subscription', scope: 'event' } };
  const event = { owner: 'subscription', scope: 'event' };
  const byAccount = { owner: 'account', scope: 'cycle' };
  const tiers = [{ upTo: '100 MB', unitPrice: '1.2' }, { upTo: '1 GB', unitPrice: '0.9' }, { unitPrice: '0.6' }];
  return [
    { id: 'near', ...base, zones: near, unitPrice: '0.35', increment: '1 KB', meter: event },
    { id: 'far', ...base, zones: far, unitPrice: '0.8', meter: { owner: 'subscription', scope: 'cycle' } },
    { id: 'farthest', ...base, zones: farthest, model: 'graduated', tiers, meter: byAccount },
    { id: 'near-voice', ...voice, zones: near, unitPrice: '0.12' },
    { id: 'far-voice', ...voice, zones: [...far, ...farthest], unitPrice: '0.55', increment: 6 },
  ];
}
