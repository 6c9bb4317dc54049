/** Why the demo ends early: one or a few sentences for people, no stack. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}
