/** Folders of one test file, below the system's temporary one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder, gone with the test file that asked for it. @param name what it is for: `gigatile-<name>-…` */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `gigatile-${name}-`));
  folders.push(folder);
  return folder;
}
