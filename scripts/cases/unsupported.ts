/** A case that the engine cannot express, with the reason in words. It counts as failed. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}
