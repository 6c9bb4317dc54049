/** Asks assurance for a last round of all its checks, once everything is at rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoFailure } from './failure.ts';

const AGAIN_MS = 500;
const TRIES_MAX = 60;
const ROUND_MS_MAX = 300_000;

interface Round {
  readonly checks: number;
  /** Reports that are missing and may yet come. */
  readonly waiting: number;
}

/** Resolves after a round that missed no report. @throws DemoFailure if reports stay away. */
export async function checkEverything(port: number): Promise<void> {
  let waiting = 0;
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/actions/check`, {
      method: 'POST',
      signal: AbortSignal.timeout(ROUND_MS_MAX),
    });
    const text = await answer.text();
    if (!answer.ok) throw new DemoFailure(`Assurance could not run its checks: ${text.trim()}`);
    const round: Round = JSON.parse(text);
    waiting = round.waiting;
    if (round.checks > 0 && waiting === 0) return;
    await sleep(AGAIN_MS);
  }
  throw new DemoFailure(`Assurance still waits for ${waiting} reports of stages, though everything is at rest.`);
}
