/** Writes licences.txt beside the screens: of what is installed with the application, and of what the bundler put into them. */
import { relative, sep } from 'node:path';
import type { Plugin } from 'vite';
import { collectNotices } from './collect.ts';

export function licences(root: string): Plugin {
  return {
    name: 'gigatile-licences',
    apply: 'build',
    generateBundle() {
      const folders = [...this.getModuleIds()].flatMap((id) => {
        const path = relative(root, id.replace(/^\0/, '').split('?')[0]!).split(sep).join('/');
        return /^(?:.*\/)?node_modules\/(?:@[^/]+\/[^/]+|[^/@]+)/.exec(path)?.[0] ?? [];
      });
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: collectNotices(root, folders) });
    },
  };
}
