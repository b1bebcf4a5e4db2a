/** What the built bundles load: statically, lazily, or as a file that they resolve by name. */
import { isBuiltin } from 'node:module';
import { init, parse } from 'es-module-lexer';
import type { PackedApp } from './packed-app.ts';

export interface BundleImports {
  /** Packages that are loaded with the file itself. */
  atStart: string[];
  /** All specifiers but those of Node and Electron. */
  all: string[];
}

const isPackage = (name: string): boolean =>
  !name.startsWith('.') && !name.startsWith('/') && !isBuiltin(name) && name !== 'electron';

await init;

/** @param dependencies names of the application's dependencies: a string that starts with one names a file of it */
export function bundleImports(app: PackedApp, dependencies: readonly string[]): Map<string, BundleImports> {
  const chunks = app.files
    .map(({ path }) => path)
    .filter((path) => /^out\/(main|preload)\/.+\.c?js$/.test(path));
  const found = new Map<string, BundleImports>();
  for (const chunk of chunks) {
    const text = app.text(chunk);
    const imports = chunk.endsWith('.cjs') ? [] : parse(text)[0];
    // `d`: -1 is an import statement, anything else import().
    const atStart = imports.flatMap(({ n, d }) => (d === -1 ? (n ?? []) : []));
    const lazy = [
      ...imports.flatMap(({ n }) => n ?? []),
      ...[...text.matchAll(/\brequire\(\s*["']([\w@./-]+)["']\s*\)/g)].map((match) => match[1]!),
    ];
    const strings = [...text.matchAll(/["'`]([@\w][\w@./-]*)["'`]/g)].map((match) => match[1]!);
    const files = strings.filter((text) => dependencies.some((name) => text.startsWith(`${name}/`)));
    found.set(chunk, {
      atStart,
      all: [...new Set([...atStart, ...lazy, ...files])].filter(
        (name) => isPackage(name) || name.startsWith('.'),
      ),
    });
  }
  return found;
}

/** Packages that are loaded when `entry` starts, through its chunks. */
export function loadedAtStart(imports: ReadonlyMap<string, BundleImports>, entry: string): string[] {
  const [seen, packages] = [new Set<string>(), new Set<string>()];
  const visit = (chunk: string): void => {
    if (seen.has(chunk)) return;
    seen.add(chunk);
    for (const name of imports.get(chunk)?.atStart ?? []) {
      if (name.startsWith('./')) visit(`out/main/${name.slice(2)}`);
      else if (isPackage(name)) packages.add(name);
    }
  };
  visit(entry);
  return [...packages].toSorted();
}
