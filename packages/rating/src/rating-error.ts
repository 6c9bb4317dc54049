/** A state that the fold must not go on from. Whoever runs the fold stops the partition and shows the message. */
export class RatingError extends Error {
  readonly code: 'FOLD_VERSION' | 'SNAPSHOT_VERSION' | 'SNAPSHOT_DAMAGED' | 'FACT_UNREADABLE' | 'NOT_IN_ORDER';

  constructor(code: RatingError['code'], message: string) {
    super(message);
    this.name = 'RatingError';
    this.code = code;
  }
}
