/**
 * A lock between processes: a file with the owner's process id. A lock whose owner is gone is taken over.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** True if this process holds the lock now; whoever takes it removes the file when done. */
export function takeLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  if (!ownerIsGone(file)) return false;
  rmSync(file, { force: true });
  return takeLock(file);
}

function ownerIsGone(file: string): boolean {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    // An empty file belongs to someone between creating and writing it.
    if (owner === 0) return false;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH') || isCode(error, 'ENOENT');
  }
}

/** Whether something that was thrown is the system's error of this name. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
