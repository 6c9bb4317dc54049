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
  writer.reserve(16);
  const { bytes, length } = writer;
  if (amount <= SAFE && amount >= -SAFE) {
    const value = Number(amount);
    const high = Math.floor(value / TWO_32);
    bytes.fill(value < 0 ? 0xff : 0, length, length + 8);
    bytes.writeInt32BE(high, length + 8);
    bytes.writeUInt32BE(value - high * TWO_32, length + 12);
  } else {
    if (amount > AMOUNT_MAX || amount < -AMOUNT_MAX) throw new RangeError('an amount has more than 38 digits');
    bytes.writeBigInt64BE(amount >> 64n, length);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, amount), length + 8);
  }
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
