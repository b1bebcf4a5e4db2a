/** Which packages a program needs: those that it imports, and their dependencies, found as Node finds them. */

export interface PackageManifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** Named as dependencies for install scripts or builds only: left out on purpose. */
const buildOnly = new Set(['cmake-js', 'node-addon-api', 'adm-zip', 'global-agent']);

/** `@scope/name/file` is of the package @scope/name. */
export const barePackage = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/**
 * @param has whether the package lies in this folder, `node_modules/…`
 * @returns folders of what is needed, and what of that is not there
 */
export function neededPackages(
  imports: Iterable<string>,
  has: (folder: string) => boolean,
  read: (folder: string) => PackageManifest,
): { needed: Set<string>; missing: string[] } {
  const needed = new Set<string>();
  const missing: string[] = [];
  const find = (from: string, name: string): string | null => {
    for (let at = from; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const nested = `${at}/node_modules/${name}`;
      if (has(nested)) return nested;
    }
    return has(`node_modules/${name}`) ? `node_modules/${name}` : null;
  };
  const visit = (folder: string): void => {
    if (needed.has(folder)) return;
    needed.add(folder);
    const {
      dependencies,
      optionalDependencies = {},
      peerDependencies = {},
      peerDependenciesMeta,
    } = read(folder);
    const peers = Object.keys(peerDependencies).filter(
      (name) => peerDependenciesMeta?.[name]?.optional !== true,
    );
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      if (buildOnly.has(name)) continue;
      const found = find(folder, name);
      if (found !== null) visit(found);
      else if (!(name in optionalDependencies)) missing.push(`${folder} needs ${name}`);
    }
  };
  for (const specifier of imports) {
    const name = barePackage(specifier);
    const found = find('', name);
    if (found === null) missing.push(name);
    else visit(found);
  }
  return { needed, missing };
}
