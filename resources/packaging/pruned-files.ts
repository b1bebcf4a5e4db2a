/** What electron-builder.yml leaves out of packages, for other ways of packing. */
import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { parse } from 'yaml';

interface BuilderConfig {
  files: string[];
  linux: { files: string[] };
}

/** @returns whether a file of a package that is needed (its folder, `node_modules/…`) is left out on Linux */
export function pruneForLinux(root: string): (folder: string, file: string) => boolean {
  const config = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as BuilderConfig;
  const globs = [...config.files, ...config.linux.files]
    .filter((glob) => glob.startsWith('!'))
    .map((glob) => glob.slice(1));
  const ofPackage = new Map<string, string[]>();
  return (folder, file) => {
    let patterns = ofPackage.get(folder);
    if (patterns === undefined) {
      // One that leaves out the whole package is the desktop's, which does not need it.
      patterns = globs.filter((glob) => !matchesGlob(`${folder}/package.json`, glob));
      ofPackage.set(folder, patterns);
    }
    return patterns.some((glob) => matchesGlob(`${folder}/${file}`, glob));
  };
}
