/** Minor units of currencies by ISO 4217: how many decimals an invoice has. */

const DIGITS_0 = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const DIGITS_3 = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
const DIGITS_4 = new Set('CLF UYW'.split(' '));

/** 0, 2 or 3 (4 for two units of account); 2 where the code is not known. */
export function minorUnitDigits(currency: string): number {
  if (DIGITS_0.has(currency)) return 0;
  if (DIGITS_3.has(currency)) return 3;
  return DIGITS_4.has(currency) ? 4 : 2;
}
