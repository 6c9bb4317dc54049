/**
 * The columns of a guided block. They may be used again for the next block by whoever reads one block at a time: a rater
 * would else make half a megabyte of them for each.
 */

import { contextDictionary } from './context-dictionary.ts';
import { profileDictionary } from './profile-dictionary.ts';

export class GuidedColumns {
  readonly profiles = profileDictionary();
  readonly contexts = contextDictionary();
  #capacity = -1;
  eventKey = new Uint32Array(0);
  payloadDigest = new Uint32Array(0);
  eventTime = new Float64Array(0);
  endTime = new Float64Array(0);
  receivedAt = new Float64Array(0);
  utcOffsetMinutes = new Int32Array(0);
  profile = new Int32Array(0);
  context = new Int32Array(0);
  bytesUp = new Float64Array(0);
  bytesDown = new Float64Array(0);
  seconds = new Float64Array(0);
  units = new Float64Array(0);
  /** Positions: of the event's first byte, of imei, behind amount_currency, and of raw. */
  prefixFrom = new Int32Array(0);
  imeiAt = new Int32Array(0);
  prefixTo = new Int32Array(0);
  rawAt = new Int32Array(0);

  /** Room for `count` events. What the columns held is void. */
  reserve(count: number): void {
    if (count <= this.#capacity) return;
    this.#capacity = count;
    this.eventKey = new Uint32Array(4 * count);
    this.payloadDigest = new Uint32Array(2 * count);
    this.eventTime = new Float64Array(count);
    this.endTime = new Float64Array(count);
    this.receivedAt = new Float64Array(count);
    this.utcOffsetMinutes = new Int32Array(count);
    this.profile = new Int32Array(count);
    this.context = new Int32Array(count);
    this.bytesUp = new Float64Array(count);
    this.bytesDown = new Float64Array(count);
    this.seconds = new Float64Array(count);
    this.units = new Float64Array(count);
    this.prefixFrom = new Int32Array(count);
    this.imeiAt = new Int32Array(count);
    this.prefixTo = new Int32Array(count);
    this.rawAt = new Int32Array(count);
  }
}
