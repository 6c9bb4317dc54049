/** Names and numbers of things, as functions of their index. */

/** 19 digits. */
export function iccidOf(sim: number): string {
  return `894922${1_000_000_000_000 + sim}`;
}

/** 15 digits. */
export function imsiOf(sim: number): string {
  return `26201${1_000_000_000 + sim}`;
}

export function msisdnOf(sim: number): string {
  return `4915${1_000_000_000 + sim}`;
}

export function imeiOf(sim: number): string {
  return `35${1_000_000_000_000 + sim * 7}`;
}

export function accountName(account: number): string {
  return `acct-${String(account).padStart(5, '0')}`;
}

export function poolName(pool: number): string {
  return `pool-${String(pool).padStart(5, '0')}`;
}

export function subscriptionName(subscription: number): string {
  return `sub-${String(subscription).padStart(7, '0')}`;
}
