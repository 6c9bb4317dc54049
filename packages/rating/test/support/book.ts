/** A price book with every feature of this release once: the example of schemas/price-books, as an object. */

export interface BookDocument {
  format: number;
  name: string;
  version: number;
  currency: string;
  effectiveFrom: string;
  author: string;
  approver: string;
  kilobyte?: number;
  services: Record<string, unknown>;
  zones?: Record<string, unknown>;
  pools?: Record<string, unknown>;
  addOns?: Record<string, unknown>;
  plans: Record<string, unknown>;
}

export const CYCLE_OF_POOL = { owner: 'pool', scope: 'cycle' };
export const CYCLE_OF_SUBSCRIPTION = { owner: 'subscription', scope: 'cycle' };
export const EVENT = { owner: 'subscription', scope: 'event' };

/** A new document each time, so that a test may change it. */
export function demoBook(): BookDocument {
  return {
    format: 1,
    name: 'demo',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'pricing@example.net',
    approver: 'finance@example.net',
    kilobyte: 1024,
    services: {
      data: { unit: 'bytes', counts: 'both' },
      message: { unit: 'messages', counts: 'units' },
      voice: { unit: 'seconds', counts: 'seconds' },
      lifecycle: { unit: 'messages', counts: 'units' },
    },
    zones: {
      home: { networks: ['26201', '26202'] },
      europe: { networks: ['20801', '22201'] },
      world: { networks: ['310410'] },
    },
    pools: {
      stacked: { kind: 'stacked', service: 'data', zones: ['home', 'europe'], proration: 'second', priority: 20 },
      simple: { kind: 'stacked', service: 'data', zones: ['home', 'europe'], priority: 20 },
      fleet: { kind: 'fixed', service: 'data', zones: ['home', 'europe'], quantity: '500 MB', priority: 20 },
    },
    addOns: {
      'data-100': { service: 'data', zones: ['home', 'europe'], quantity: '100 MB', priority: 5 },
    },
    plans: {
      'iot-stacked': {
        contributes: { stacked: '10 MB', simple: '10 MB' },
        allowances: [],
        prices: [
          {
            id: 'data-home',
            service: 'data',
            zones: ['home', 'europe'],
            model: 'per-unit',
            unitPrice: '0.10',
            per: '1 MB',
            meter: CYCLE_OF_POOL,
          },
          {
            id: 'data-world',
            service: 'data',
            zones: ['world'],
            model: 'package',
            packageSize: '1 MB',
            packagePrice: '0.50',
            meter: CYCLE_OF_SUBSCRIPTION,
          },
          { id: 'platform', service: 'lifecycle', model: 'zero-rated', reason: "operator's platform events" },
        ],
      },
      'mobility-bundle': {
        currency: 'USD',
        allowances: [
          { id: 'data', service: 'data', zones: ['home', 'europe'], quantity: '2 GB', priority: 10, proration: 'none' },
          { id: 'messages', service: 'message', quantity: 100, priority: 10 },
          { id: 'voice', service: 'voice', zones: ['home'], quantity: 6000, priority: 10 },
        ],
        prices: [
          {
            id: 'data',
            service: 'data',
            zones: ['home', 'europe'],
            model: 'graduated',
            tiers: [{ upTo: '1 GB', unitPrice: '0.0040' }, { unitPrice: '0.0020' }],
            per: '1 MB',
            meter: CYCLE_OF_SUBSCRIPTION,
          },
          {
            id: 'data-world',
            service: 'data',
            zones: ['world'],
            model: 'per-unit',
            unitPrice: '3.00',
            per: '1 MB',
            increment: '100 KB',
            meter: EVENT,
          },
          { id: 'message', service: 'message', model: 'per-unit', unitPrice: '0.09', meter: CYCLE_OF_SUBSCRIPTION },
          {
            id: 'voice',
            service: 'voice',
            model: 'per-unit',
            unitPrice: '0.09',
            per: 60,
            minimumQuantity: 30,
            increment: 60,
            meter: EVENT,
          },
          {
            id: 'voice',
            service: 'voice',
            effectiveFrom: '2026-12-01T00:00:00Z',
            model: 'per-unit',
            unitPrice: '0.10',
            per: 60,
            increment: 60,
            meter: EVENT,
          },
        ],
      },
    },
  };
}

/** A book whose plan `plan` has one price for service data (in `unit`), in no zones, beside what `more` adds. */
export function onePriceBook(
  price: object,
  more: object = {},
  unit: 'bytes' | 'seconds' | 'messages' = 'messages',
): BookDocument {
  const counts = { bytes: 'both', seconds: 'seconds', messages: 'units' }[unit];
  return {
    format: 1,
    name: 'one-price',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'author',
    approver: 'approver',
    services: { data: { unit, counts } },
    plans: { plan: { prices: [{ id: 'price', service: 'data', meter: CYCLE_OF_SUBSCRIPTION, ...price }], ...more } },
  };
}
