/**
 * Packed copies. `message.value` is a view into the whole fetch, so handing it to a thread or keeping it would copy or
 * hold megabytes for a few bytes.
 */

/** A copy that owns exactly its bytes: `buffer.byteLength === byteLength`, so its buffer can be transferred. */
export function packed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
