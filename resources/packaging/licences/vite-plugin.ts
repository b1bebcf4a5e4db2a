/** Writes licences.txt beside the screens: of what is installed with the application, and of what the bundler put into it. */
import { relative, sep } from 'node:path';
import type { Plugin } from 'vite';
import { collectNotices } from './collect.ts';

/** Folders of packages that lie in the bundles which were made before that of the screens. */
const inOtherBundles = new Set<string>();

function packagesOf(root: string, ids: Iterable<string>): string[] {
  return [...ids].flatMap((id) => {
    const path = relative(root, id.replace(/^\0/, '').split('?')[0]!).split(sep).join('/');
    return /^(?:.*\/)?node_modules\/(?:@[^/]+\/[^/]+|[^/@]+)/.exec(path)?.[0] ?? [];
  });
}

/** For a bundle that is made before the screens'. */
export function bundledPackages(root: string): Plugin {
  return {
    name: 'gigatile-bundled-packages',
    apply: 'build',
    generateBundle() {
      for (const folder of packagesOf(root, this.getModuleIds())) inOtherBundles.add(folder);
    },
  };
}

export function licences(root: string): Plugin {
  return {
    name: 'gigatile-licences',
    apply: 'build',
    generateBundle() {
      const folders = [...inOtherBundles, ...packagesOf(root, this.getModuleIds())];
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: collectNotices(root, folders) });
    },
  };
}
