export { guidedPartition, ratingKeyHash } from './partition.ts';
export {
  type Concern,
  type GuidingCode,
  isProfile,
  ReferenceIndex,
  type Refusal,
  type Resolution,
} from './reference-index.ts';
