/**
 * Money on the wire. In Avro: fixed(16), big-endian two's complement, decimal(38, 12). In JSON: a canonical decimal
 * string. In the program: a bigint count of 1e-12. No value passes through binary floating point except as an exact
 * safe integer.
 */

import type { Money } from '@headrace/rating/contract';
import type { ByteWriter } from './writer.ts';

/** Decimal(38, 12): 38 digits in all. */
export const AMOUNT_MAX: Money = 10n ** 38n - 1n;
const DECIMALS = 12;
const ONE = 10n ** 12n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const PATTERN = /^(-?)([0-9]{1,26})(?:\.([0-9]{1,12}))?$/;
const TWO_32 = 2 ** 32;

/** Decimal string (at most 26 digits before and 12 after the point) to a count of 1e-12; null if it is none. */
export function parseAmount(text: string): Money | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const amount = BigInt(whole) * ONE + BigInt(fraction.padEnd(DECIMALS, '0'));
  return sign === '-' ? -amount : amount;
}

/** Canonical: no trailing zeros, no exponent ("0", "0.3", "-70"). */
export function formatAmount(amount: Money): string {
  const negative = amount < 0n;
  const absolute = negative ? -amount : amount;
  const fraction = (absolute % ONE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  const whole = (absolute / ONE).toString();
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Appends the amount's 16 bytes. Throws on an amount past 38 digits: the fold must have seen the overflow before. */
export function writeAmount(writer: ByteWriter, amount: Money): void {
  if (amount <= SAFE && amount >= -SAFE) {
    writeSafeAmount(writer, Number(amount));
    return;
  }
  if (amount > AMOUNT_MAX || amount < -AMOUNT_MAX) throw new RangeError('an amount has more than 38 digits');
  writer.reserve(16);
  const { data, length } = writer;
  data.setBigInt64(length, amount >> 64n);
  data.setBigUint64(length + 8, BigInt.asUintN(64, amount));
  writer.length = length + 16;
}

/** The same for an amount that is a safe integer; it throws on any other number. */
export function writeSafeAmount(writer: ByteWriter, amount: number): void {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`an amount is no safe integer: ${amount}`);
  writer.reserve(16);
  const { data, length } = writer;
  const high = Math.floor(amount / TWO_32);
  const sign = amount < 0 ? -1 : 0;
  data.setInt32(length, sign);
  data.setInt32(length + 4, sign);
  data.setInt32(length + 8, high);
  data.setUint32(length + 12, amount - high * TWO_32);
  writer.length = length + 16;
}

/** The amount in the 16 bytes at `at`. */
export function readAmount(bytes: Buffer, at: number): Money {
  const first = bytes.readInt32BE(at);
  const second = bytes.readInt32BE(at + 4);
  const high = bytes.readInt32BE(at + 8);
  // Most amounts are small: the upper eight bytes repeat the sign, and the rest is an exact double.
  if (first === second && (first === 0 || first === -1) && high >> 20 === first) {
    return BigInt(high * TWO_32 + bytes.readUInt32BE(at + 12));
  }
  return (bytes.readBigInt64BE(at) << 64n) | bytes.readBigUInt64BE(at + 8);
}
