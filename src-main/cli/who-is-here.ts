import { userInfo } from 'node:os';

/** Who agrees on the command line: whoever is logged in. */
export function whoIsHere(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // In a container a process can run as a user that has no name.
    if (error instanceof Error && 'code' in error) return `user ${process.getuid?.() ?? ''}`.trim();
    throw error;
  }
}
