/** A small world: a book, accounts, subscriptions with a SIM of the same name, and events, each in a line. */
import type { UsageEvent } from '@headrace/codec';

const BEGIN = '2026-01-01T00:00:00Z';

export function account(name: string): object {
  const common = { parent: null, currency: 'EUR', timeZone: 'UTC', status: 'open', validFrom: BEGIN };
  return { kind: 'account', id: `account/${name}`, account: name, ...common };
}

export function subscription(name: string, of: string, plan: string, validFrom = BEGIN): object {
  const id = `subscription/${name}/${validFrom}`;
  return { kind: 'subscription', id, subscription: name, account: of, plan, pool: null, state: 'active', validFrom };
}

export function sim(name: string, of = name, validFrom = BEGIN): object {
  const id = `sim/${name}/${validFrom}`;
  return { kind: 'sim', id, sim: name, imsi: null, msisdn: null, subscription: of, state: 'active', validFrom };
}

export function book(plans: Readonly<Record<string, object>>): object {
  return {
    kind: 'priceBook',
    id: 'priceBook/test',
    book: {
      ...{ format: 1, name: 'test', version: 1, currency: 'EUR', effectiveFrom: BEGIN, kilobyte: 1024 },
      ...{ author: 'a@example.net', approver: 'b@example.net' },
      services: { data: { unit: 'bytes', counts: 'both' } },
      zones: { home: { networks: ['26201'] }, abroad: { networks: ['20801'] } },
      plans,
    },
  };
}

const meter = { owner: 'subscription', scope: 'cycle' };

/** Data at home for 0.01 a byte, abroad for 0.05. */
export const prices = [
  { id: 'home', service: 'data', zones: ['home'], model: 'per-unit', unitPrice: '0.01', meter },
  { id: 'abroad', service: 'data', zones: ['abroad'], model: 'per-unit', unitPrice: '0.05', meter },
];

/** Bytes of a SIM at a time (ISO). */
export function data(id: string, of: string, at: string, bytes: number, where: 'home' | 'abroad' = 'home'): UsageEvent {
  return {
    ...{ source: 'test', eventId: id, service: 'data', iccid: of, imsi: null, msisdn: null, imei: null },
    ...{ startTime: Date.parse(at) * 1000, endTime: null, utcOffsetMinutes: 0 },
    ...{ bytesUp: bytes, bytesDown: 0, seconds: 0, units: 0, amount: null, currency: null },
    ...{ plmn: where === 'home' ? '26201' : '20801', rat: null, apn: null, ratingGroup: null, otherParty: null },
    ...{ recordType: null, node: null, chargingId: null, recordSequence: null, openingTime: null },
    ...{ containerIndex: null, localSequence: null, recordingFunction: null, chargingSession: null },
    ...{ sessionSequence: null, containerSequence: null, reference: null, causeForClosing: null },
    retransmission: false,
  };
}
