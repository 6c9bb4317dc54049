/** One event in hand: what the steps of rating it share. */
import type { Profile } from '../contract.ts';
import type { Route } from './plan-routes.ts';
import type { Subscription } from './subscription.ts';

export interface Usage {
  /** Index in the block. */
  readonly index: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** As its service counts it. */
  readonly quantity: number;
  readonly profile: Profile;
  readonly subscription: Subscription;
  readonly route: Route;
}
