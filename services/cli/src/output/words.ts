/** Amounts, quantities and sizes for people. */
import { formatMoney, type Money } from '@headrace/rating';
import { grouped } from './progress.ts';

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Bytes of memory: `12.5 MB`, of 1024. */
export function memoryInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** A quantity with its unit, digits grouped. */
export function quantity(value: number | bigint, unit: string): string {
  return `${grouped(value)} ${unit}`;
}

/** What a state takes in memory, by subscription and by duplicate key. */
export function stateInWords(state: {
  readonly subscriptions: number;
  readonly stateBytes: number;
  readonly duplicateKeys: number;
  readonly duplicateKeyBytes: number;
}): string {
  const { subscriptions, stateBytes, duplicateKeys, duplicateKeyBytes } = state;
  const each = (bytes: number, count: number): string => (count === 0 ? '0' : grouped(Math.round(bytes / count)));
  return (
    `State: ${counted(subscriptions, 'subscription')} in ${memoryInWords(stateBytes)} (${each(stateBytes, subscriptions)} bytes each), ` +
    `${counted(duplicateKeys, 'duplicate key')} in ${memoryInWords(duplicateKeyBytes)} (${each(duplicateKeyBytes, duplicateKeys)} bytes each).`
  );
}

/** An amount with its currency; as many decimals as it has, two at least. */
export function moneyInWords(amount: Money | string, currency: string): string {
  const text = typeof amount === 'string' ? amount : formatMoney(amount);
  const [whole = '0', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(2, '0')} ${currency}`.trimEnd();
}

/** `1 event`, `2,000 events`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
