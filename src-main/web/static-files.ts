/**
 * The built screens. The folder is listed once at the start and only what was found then is served, by exact path: there is
 * nothing to traverse.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { answer } from './headers.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Vite's names of bundled assets carry a hash of their content: `assets/index-BZpk2m4x.js`. */
const hashedName = /^\/assets\/.+-[\w-]{8}\.\w+$/;

export class StaticFiles {
  /** URL path -> file. */
  readonly #files = new Map<string, string>();

  /** @throws {GigatileError} file-not-found where the screens are not built. */
  constructor(folder: string) {
    try {
      readFileSync(join(folder, 'index.html'));
    } catch (error) {
      throw new GigatileError('file-not-found', 'The screens are not built', {
        where: join(folder, 'index.html'),
        hint: 'Run `npm run build` first.',
        cause: error,
      });
    }
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      this.#files.set(`/${relative(folder, file).split(sep).join('/')}`, file);
    }
    this.#files.set('/', join(folder, 'index.html'));
  }

  /** Answers and says true where the path is one of the files. `path`: as it came, neither decoded nor normalised. */
  async serve(path: string, response: ServerResponse): Promise<boolean> {
    const file = this.#files.get(path);
    if (file === undefined) return false;
    const body = await readFile(file);
    response.setHeader(
      'Cache-Control',
      hashedName.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
    );
    answer(response, 200, types[extname(file)] ?? 'application/octet-stream', body);
    return true;
  }
}
