/** The sources that the command line runs, and the packages that they import: by following its imports and its workers' entries. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export interface SourceImports {
  /** Below the project. */
  files: string[];
  packages: Set<string>;
}

export function sourceImports(root: string): SourceImports {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    for (const { fileName: name } of ts.preProcessFile(text, true, true).importedFiles) {
      if (name.startsWith('.')) {
        const path = join(dirname(file), name);
        if (existsSync(path)) visit(path);
      } else if (!isBuiltin(name) && name !== 'electron') packages.add(name);
    }
  };
  visit(join(root, 'src-main/cli/main.ts'));
  // Started by their path, as processes and threads of their own.
  const entries = globSync('src-main/**/*.entry.ts', { cwd: root });
  for (const entry of entries) if (!entry.startsWith(join('src-main', 'electron'))) visit(join(root, entry));
  // Resolved by its path too: the typeface of PDF reports.
  packages.add('@expo-google-fonts/inter');
  return { files: [...files].map((file) => relative(root, file)).toSorted(), packages };
}
