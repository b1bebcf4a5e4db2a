/** Real slides and scenes that are not part of the project: tests that need them skip, and say so, where they are absent. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = process.env['GIGATILE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const told = new Set<string>();

/** The path of a test file, or null where it is absent; one line says so, once a file. */
export function testData(...segments: string[]): string | null {
  const path = join(root, ...segments);
  if (existsSync(path)) return path;
  if (!told.has(path)) {
    told.add(path);
    console.log(
      `skipped what needs ${segments.join('/')}: not below ${root} (set GIGATILE_TEST_DATA to its folder)`,
    );
  }
  return null;
}
