/** A blow at a process that may end by itself at any moment. */

/** @param pid negative: the group of processes. @returns false where it had ended between the question and the blow */
export function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
