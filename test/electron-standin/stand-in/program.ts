/**
 * What Electron's program does with its arguments: looks for `-r` and the application's folder among them, opens the ports that
 * debuggers ask for, loads the one and starts the other.
 */
import { readFileSync } from 'node:fs';
import { open } from 'node:inspector';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// `electron` is the stand-in from here on.
const standIn = new URL('./electron.ts', import.meta.url).href;
registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context);
  },
});
Object.defineProperty(process, 'type', { value: 'browser' });
Object.defineProperty(process, 'resourcesPath', { value: '/electron-stand-in-has-no-resources' });

// This file is what a real program would be: no argument.
process.argv.splice(1, 1);
const given = process.argv.slice(1);
const requireAt = given.indexOf('-r');
const preloaded = requireAt < 0 ? [] : given.splice(requireAt, 2).slice(1);
const folder = given.find((argument) => !argument.startsWith('-'));
if (folder === undefined) throw new Error("Give the application's folder.");

if (given.includes('--inspect=0')) open(0, '127.0.0.1');
// Without its test nobody would end this application.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(1), 1000).unref();

const { standInApp } = await import('./app.ts');
standInApp.folder = resolve(folder);
for (const path of preloaded) createRequire(import.meta.url)(path);
const manifest = JSON.parse(readFileSync(join(standInApp.folder, 'package.json'), 'utf8')) as {
  main: string;
};
await import(pathToFileURL(join(standInApp.folder, manifest.main)).href);
standInApp.start();
