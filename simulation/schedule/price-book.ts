/** Prices of the laboratory: a shared pool with overage, and a bundle with tiers behind it. */
export function priceBook(): object {
  return {
    format: 1,
    name: 'laboratory',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'laboratory',
    approver: 'laboratory',
    services: { data: { unit: 'bytes', counts: 'both' } },
    zones: { home: { networks: ['26201'] } },
    pools: { shared: { kind: 'stacked', service: 'data', zones: ['home'], priority: 20 } },
    plans: {
      pooled: {
        contributes: { shared: '2 MB' },
        allowances: [],
        prices: [
          {
            id: 'overage',
            service: 'data',
            zones: ['home'],
            model: 'per-unit',
            unitPrice: '0.10',
            per: '1 MB',
            meter: { owner: 'pool', scope: 'cycle' },
          },
        ],
      },
      bundle: {
        allowances: [{ id: 'data', service: 'data', zones: ['home'], quantity: '1 MB', priority: 10 }],
        prices: [
          {
            id: 'tiers',
            service: 'data',
            zones: ['home'],
            model: 'graduated',
            tiers: [{ upTo: '2 MB', unitPrice: '0.0040' }, { unitPrice: '0.0020' }],
            per: '1 MB',
            meter: { owner: 'subscription', scope: 'cycle' },
          },
        ],
      },
    },
  };
}
