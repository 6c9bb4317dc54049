/**
 * Tells when the parent process is gone, even when it was killed outright: the kernel closes the IPC channel, or the pipe
 * whose descriptor HEADRACE_PARENT_PIPE names, whatever happened to the parent.
 */
import { Socket } from 'node:net';

/** Calls `gone` once. Watches nothing when the process has neither an IPC channel nor a pipe. */
export function watchParent(gone: () => void, env: NodeJS.ProcessEnv = process.env): void {
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    gone();
  };
  if (process.channel !== undefined && process.channel !== null) {
    process.once('disconnect', tell);
    // The channel alone must not keep a process alive that has nothing else to do.
    process.channel.unref();
  }
  const descriptor = env.HEADRACE_PARENT_PIPE;
  if (descriptor === undefined || descriptor === '') return;
  const pipe = new Socket({ fd: Number(descriptor), readable: true, writable: false });
  pipe.once('end', tell);
  pipe.once('close', tell);
  pipe.once('error', tell);
  pipe.resume();
  pipe.unref();
}
