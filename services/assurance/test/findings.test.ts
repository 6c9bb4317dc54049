import type { Finding } from '@headrace/codec';
import { describe, expect, it } from 'vitest';
import { type Check, type Difference, findingId, findingKey, Reconciler } from '../src/index.ts';

const check: Check = {
  name: 'c',
  control: 'C02',
  kind: 'live',
  severity: 'critical',
  says: 'It differs.',
  sql: 'SELECT 1',
};
const other: Check = { ...check, name: 'o' };
const SECOND = 1_000_000;

function difference(changes: Partial<Difference> = {}): Difference {
  const figures = { expected: '2', actual: '1', variance: '-1', value: '', currency: '', blocks: 1, samples: ['b'] };
  return { check, subject: 'guided/1/0', ...figures, certain: true, ...changes };
}

function rounds() {
  const reconciler = new Reconciler({ graceMs: 10_000, seenEveryMs: 60_000 });
  const known = new Map<string, Finding>();
  const round = (seconds: number, differences: readonly Difference[], ran: readonly Check[] = [check, other]) => {
    const result = reconciler.reconcile({ ran, differences, known, now: seconds * SECOND });
    for (const finding of result.changed) known.set(finding.id, finding);
    return result;
  };
  return { round, known };
}

describe('findings', () => {
  it('have one id for one difference, whoever finds it', () => {
    expect(findingId('C02', findingKey(difference()))).toBe(findingId('C02', 'guided/1/0 c'));
    expect(findingKey(difference({ currency: 'EUR' }))).toBe('guided/1/0 EUR c');
  });

  it('open at once when certain, and after the grace when not', () => {
    const { round } = rounds();
    const late = difference({ subject: 'guided/1/1', certain: false });
    expect(round(0, [difference(), late])).toMatchObject({ changed: [{ key: 'guided/1/0 c' }], waiting: 1 });
    expect(round(9, [difference(), late]).waiting).toBe(1);
    expect(round(10, [difference(), late])).toMatchObject({ changed: [{ key: 'guided/1/1 c' }], waiting: 0 });
  });

  it('start their grace anew when the difference was gone in between', () => {
    const { round } = rounds();
    const late = difference({ certain: false });
    round(0, [late]);
    round(5, []);
    expect(round(12, [late]).waiting).toBe(1);
  });

  it('are written again when they change, or after a while, and not else', () => {
    const { round } = rounds();
    round(0, [difference()]);
    expect(round(5, [difference()]).changed).toEqual([]);
    expect(round(6, [difference({ actual: '0' })]).changed).toMatchObject([{ actual: '0', lastSeen: 6 * SECOND }]);
    expect(round(67, [difference({ actual: '0' })]).changed).toMatchObject([{ firstSeen: 0, lastSeen: 67 * SECOND }]);
  });

  it('close when their check ran and found nothing, and open again with their first sighting', () => {
    const { round } = rounds();
    round(1, [difference()]);
    expect(round(2, [], [other]).changed).toEqual([]);
    expect(round(3, []).changed).toMatchObject([{ status: 'fixed', changedBy: 'assurance', changedAt: 3 * SECOND }]);
    expect(round(4, []).changed).toEqual([]);
    expect(round(5, [difference()]).changed).toMatchObject([{ status: 'open', firstSeen: 1 * SECOND }]);
  });

  it('keep what a person set while the difference lasts', () => {
    const { round, known } = rounds();
    const [finding] = round(0, [difference()]).changed;
    if (finding === undefined) throw new Error('no finding');
    known.set(finding.id, { ...finding, status: 'acknowledged', owner: 'ana', reason: 'in work', changedBy: 'ana' });
    const kept = { status: 'acknowledged', owner: 'ana', reason: 'in work', changedBy: 'ana' };
    expect(round(5, [difference({ actual: '0' })]).changed).toMatchObject([kept]);
    known.set(finding.id, { ...finding, status: 'written-off' });
    expect(round(6, []).changed).toEqual([]);
  });
});
