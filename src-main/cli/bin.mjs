#!/usr/bin/env node
// Plain JavaScript that any Node reads: finds a Node that can run the program (24: TypeScript without a build, and the
// database), and starts it there; else says in one line what is needed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  await import(main);
} else {
  let node = null;
  try {
    node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  if (node === null || !existsSync(node)) {
    process.stderr.write(
      `gigatile: Node 24 or newer is needed, this is ${process.versions.node}. Run "npm ci" first.\n`,
    );
    process.exit(2);
  }
  const ended = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(ended.status ?? 1);
}
