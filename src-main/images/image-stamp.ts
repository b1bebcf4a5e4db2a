/** What changes whenever somebody writes to an image, moves or removes it: cheaper than a fingerprint, and less certain. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** null: there is nothing at this path, or it cannot be reached. */
export type ImageStamp = string | null;

/** What lies on a server is watched by the reads themselves. */
const elsewhere = /^[a-z][a-z\d+.-]+:\/\//i;

/** Size, time and identity of the file; of a folder, of all the files in it. Never rejects. */
export async function imageStamp(path: string): Promise<ImageStamp> {
  if (elsewhere.test(path)) return 'elsewhere';
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return `${found.size} ${found.mtimeMs} ${found.ino}`;
    const names = (await readdir(path)).toSorted();
    const parts = await Promise.all(
      names.map(async (name) => {
        const { size, mtimeMs } = await stat(join(path, name));
        return `${name} ${size} ${mtimeMs}`;
      }),
    );
    return parts.join('\n');
  } catch {
    // Gone, its disk taken out, its server away: to somebody who wants to read it that is the same.
    return null;
  }
}
