/** Canonical order (cases: step 1): by event time, then by event id, by code points, which is the order of UTF-8 bytes. */

/** Below 0 if `a` stands before `b`, 0 if they are equal. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Surrogates stand for code points above all others, though their units are lower than some.
    return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

/** Below 0 if an event stands before another. */
export function compareEvents(timeA: number, idA: string, timeB: number, idB: string): number {
  return timeA === timeB ? compareCodePoints(idA, idB) : timeA - timeB;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
