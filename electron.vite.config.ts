import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';
import { bundledPackages, licences } from './resources/packaging/licences/vite-plugin.ts';

const at = (path: string) => resolve(import.meta.dirname, path);

/** Workers and the engine are entries of their own, because each runs in a process of its own. */
export default defineConfig({
  main: {
    plugins: [bundledPackages(import.meta.dirname)],
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: {
          main: at('src-main/electron/main.ts'),
          'engine.entry': at('src-main/electron/engine.entry.ts'),
          'image.entry': at('src-main/workers/image.entry.ts'),
          'inference.entry': at('src-main/workers/inference.entry.ts'),
          'codec-test.entry': at('src-main/workers/codec-test.entry.ts'),
          'remote.entry': at('src-main/workers/remote.entry.ts'),
          'fetch.entry': at('src-main/images/remote/fetch.entry.ts'),
          'provisional.entry': at('src-main/engine/provisional.entry.ts'),
        },
        // Beside the entries: a chunk names its thread's entry by where it lies itself.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: at('src-main/electron/preload.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    base: './',
    plugins: [react(), licences(import.meta.dirname)],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      // electron-vite leaves it out; a page of less than half the size is up sooner.
      minify: true,
      rollupOptions: { input: { index: at('src-renderer/index.html') } },
    },
  },
});
