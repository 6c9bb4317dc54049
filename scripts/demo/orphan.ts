/**
 * npm stands between a terminal and the demo: `npm run` starts a shell that starts us. A signal sent to npm alone, or its
 * death, does not reach us; so we look whether those two are still there.
 */
import { readFileSync } from 'node:fs';

const LOOK_MS = 500;

/** Calls `gone` once when npm or its shell has ended. Does nothing when npm did not start this process. */
export function watchNpm(gone: () => void, env: NodeJS.ProcessEnv = process.env): void {
  if (env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const found = statOf(parent);
  // Some shells make room for the last command, and then npm itself is the parent; npm's own parent is none of ours.
  const npm = found !== null && /^(ba|da|k|z)?sh$/.test(found.name) ? found.parent : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || statOf(parent)?.parent === npm)) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
}

/** Null where the system does not tell. */
function statOf(pid: number): { readonly name: string; readonly parent: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks and brackets itself; the parent is the second field behind it.
    const close = stat.lastIndexOf(')');
    return { name: stat.slice(stat.indexOf('(') + 1, close), parent: Number(stat.slice(close + 2).split(' ')[1]) };
  } catch {
    return null;
  }
}
