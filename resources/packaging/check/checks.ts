/** What is checked of a packed application. Each check says what it saw, or what is wrong. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { barePackage, neededPackages, type PackageManifest } from '../needed-packages.ts';
import { bundleImports, loadedAtStart } from './bundle-imports.ts';
import { isForeign, nativeModules } from './native-modules.ts';
import { packageOf, type PackedApp } from './packed-app.ts';
import type { Platform } from './platforms.ts';

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** Without Electron itself. */
export const largestBytes = 120e6;

/** Packages that the desktop has without importing them itself: the queue of several machines, what sharp falls back to. */
export const besides = ({ os }: Platform): string[] => [
  'pg',
  'pg-boss',
  ...(os === 'linux' ? ['@img/sharp-wasm32'] : []),
];

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function check(name: string, wrong: readonly string[], detail: string): Check {
  const some = wrong.slice(0, 5).join(', ') + (wrong.length > 5 ? ` and ${wrong.length - 5} more` : '');
  return { name, ok: wrong.length === 0, detail: wrong.length === 0 ? detail : some };
}

interface Manifest {
  main?: string;
  dependencies?: Record<string, string>;
}

export function checkApp(root: string, app: PackedApp, platform: Platform): Check[] {
  const manifest = JSON.parse(app.text('package.json')) as Manifest;
  return [
    checkStart(app, manifest),
    checkNatives(app, platform),
    checkForeign(app, platform),
    checkImports(app, manifest),
    checkStartUp(app),
    checkNeeded(app, manifest, platform),
    checkLeftOvers(app),
    checkModels(root, app),
    checkLicences(app),
    checkSecrets(root, app),
    checkSize(app),
  ];
}

function checkStart(app: PackedApp, { main }: Manifest): Check {
  const needed = [
    main ?? 'main of package.json',
    'out/main/engine.entry.js',
    'out/main/image.entry.js',
    'out/main/inference.entry.js',
    'out/preload/preload.cjs',
    'out/renderer/index.html',
  ];
  const missing = needed.filter((path) => app.get(path) === undefined);
  return check('bundles', missing, `${needed.length} entries, ${megabytes(bytesBelow(app, 'out/'))}`);
}

function checkNatives(app: PackedApp, platform: Platform): Check {
  const modules = nativeModules(platform);
  const wrong = modules.flatMap(({ module, glob }) => {
    const found = app.files.filter(({ path }) => matchesGlob(path, glob));
    if (found.length !== 1) return [`${module}: ${found.length} files are ${glob}`];
    return found[0]!.isUnpacked ? [] : [`${module}: ${found[0]!.path} is inside of the archive`];
  });
  const packed = app.files.filter(({ path, isUnpacked }) => isBinary(path) && !isUnpacked);
  wrong.push(...packed.map(({ path }) => `${path} is inside of the archive`));
  return check('native modules', wrong, `${modules.length} in app.asar.unpacked, where their packages look`);
}

const isBinary = (path: string): boolean => /\.(node|dll|dylib|so(\.[\d.]+)?)$/.test(path);

function checkForeign(app: PackedApp, platform: Platform): Check {
  const binaries = app.files.filter(({ path, isUnpacked }) => isBinary(path) && isUnpacked);
  const foreign = binaries.filter(({ path }) => isForeign(app.head(path, 4096), platform));
  return check(
    'other systems',
    foreign.map(({ path }) => `${path} is not for ${platform.os}-${platform.arch}`),
    `${binaries.length} binaries, all for ${platform.os}-${platform.arch}`,
  );
}

function checkImports(app: PackedApp, { dependencies = {} }: Manifest): Check {
  const packages = new Set(app.files.map(({ path }) => packageOf(path)));
  const wrong: string[] = [];
  let count = 0;
  for (const [chunk, { all }] of bundleImports(app, Object.keys(dependencies))) {
    for (const name of all) {
      count++;
      if (name.startsWith('.')) {
        const path = join(chunk, '..', name).replaceAll('\\', '/');
        if (app.get(path) === undefined) wrong.push(`${chunk} loads ${name}`);
        continue;
      }
      if (!packages.has(`node_modules/${barePackage(name)}`)) wrong.push(`${chunk} loads ${name}`);
    }
  }
  return check('imports', wrong, `all ${count} of the bundles are there`);
}

/** What the window waits for. Databases, codecs, models and networks belong to the processes that are started later. */
function checkStartUp(app: PackedApp): Check {
  const allowed = ['@orpc/', 'zod', 'electron-updater'];
  const loaded = loadedAtStart(bundleImports(app, []), 'out/main/main.js');
  const wrong = loaded.filter((name) => !allowed.some((start) => name.startsWith(start)));
  return check('start-up', wrong, `main loads ${loaded.join(', ') || 'no package'} before the window`);
}

/** Packages must be those that the bundles lead to, and their dependencies: all of them, and no others. */
function checkNeeded(app: PackedApp, { dependencies = {} }: Manifest, platform: Platform): Check {
  const packed = new Set(app.files.flatMap(({ path }) => packageOf(path) ?? []));
  const imports = [...bundleImports(app, Object.keys(dependencies)).values()].flatMap(({ all }) => all);
  const { needed, missing } = neededPackages(
    [...besides(platform), ...imports.filter((name) => !name.startsWith('.'))],
    (folder) => packed.has(folder),
    (folder) => JSON.parse(app.text(`${folder}/package.json`)) as PackageManifest,
  );
  const more = [...packed].filter((folder) => !needed.has(folder)).map((folder) => `${folder} is not needed`);
  return check('packages', [...missing, ...more], `${packed.size}, each needed and with what it needs`);
}

function checkLeftOvers(app: PackedApp): Check {
  const wrong = app.files.filter(({ path }) =>
    /(\.map|\.tsx?|\.[cm]ts|\.test\.[cm]?js|\.tsbuildinfo|\.(cc|cpp|hpp?|gyp|lib))$|(^|\/)(__tests__|\.yarn|\.github|test|tests)\//.test(
      path,
    ),
  );
  const own = app.files.filter(({ path }) => !/^(out\/|node_modules\/|package\.json$|LICENSE$)/.test(path));
  return check(
    'left-overs',
    [...wrong, ...own].map(({ path }) => path),
    'no sources, tests or source maps',
  );
}

function checkModels(root: string, app: PackedApp): Check {
  const there = new Set(app.resources().map(({ path }) => path));
  const folders = [...there].filter((path) => path.endsWith('/gigatile.json'));
  const wrong = folders.flatMap((path) => {
    const { files } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { files: { file: string }[] };
    return [...files.map(({ file }) => file), 'MODEL-CARD.md']
      .map((file) => path.replace('gigatile.json', file))
      .filter((file) => !there.has(file));
  });
  if (folders.length === 0) wrong.push('no model');
  return check('models', wrong, `${folders.length}, with files and cards`);
}

function checkLicences(app: PackedApp): Check {
  const notices = 'out/renderer/licences.txt';
  const wrong = ['LICENSE', notices].filter((path) => app.get(path) === undefined);
  if (wrong.length === 0) {
    const text = app.text(notices);
    const named = new Set(app.files.flatMap(({ path }) => packageOf(path) ?? []));
    for (const folder of named) {
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      // Packages of one system are named as what they hold.
      if (!/^@(img|koromix)\//.test(name) && !text.includes(`\n${name} `))
        wrong.push(`${notices} lacks ${name}`);
    }
  }
  return check('licences', wrong, 'LICENSE, and those of all packages');
}

function checkSecrets(root: string, app: PackedApp): Check {
  const patterns: [string, RegExp | string][] = [
    ['the path of this checkout', root],
    ['an AWS key', /\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b/],
    ['a private key', /-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/=]{40}/],
    ['a token', /\b(?:ghp_[A-Za-z0-9]{36}|npm_[A-Za-z0-9]{36}|sk-[A-Za-z0-9]{40,})\b/],
  ];
  // Others' packages quote their authors' in comments.
  const home: [string, RegExp] = ['a home folder', /(?:\/home\/|\/Users\/|C:\\\\Users\\\\)[a-z][\w.-]+\//];
  const { username } = userInfo();
  if (hostname().length > 5) patterns.push(['the name of this machine', hostname()]);
  if (username.length > 4) patterns.push(['the name of this user', `/${username}/`]);
  const wrong: string[] = [];
  let count = 0;
  for (const { path, bytes } of app.files) {
    if (isBinary(path) || /\.(wasm|woff2|ttf|png)$/.test(path) || bytes > 5e6) continue;
    const text = app.text(path);
    count++;
    for (const [what, pattern] of path.startsWith('out/') ? [...patterns, home] : patterns) {
      if (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)) {
        wrong.push(`${path} holds ${what}`);
      }
    }
  }
  return check('secrets', wrong, `none, nor paths of a machine, in ${count} files`);
}

function checkSize(app: PackedApp): Check {
  const bytes = totalBytes(app);
  const wrong = bytes > largestBytes ? [`${megabytes(bytes)} of at most ${megabytes(largestBytes)}`] : [];
  return check('size', wrong, `${megabytes(bytes)} without Electron, of at most ${megabytes(largestBytes)}`);
}

const bytesBelow = (app: PackedApp, start: string): number =>
  app.files.filter(({ path }) => path.startsWith(start)).reduce((sum, { bytes }) => sum + bytes, 0);

export function totalBytes(app: PackedApp): number {
  return [...app.files, ...app.resources()].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes by part, the largest first. */
export function sizeByPart(app: PackedApp): [part: string, bytes: number][] {
  const parts: [string, RegExp][] = [
    ['ONNX Runtime', /^node_modules\/onnxruntime-/],
    ['libvips (sharp)', /^node_modules\/(sharp|@img)\//],
    ['decoders', /^node_modules\/(@cornerstonejs|@julusian|lerc)\//],
    ['SQLite', /^node_modules\/better-sqlite3\//],
    ['Bedrock', /^node_modules\/(@aws|@aws-sdk|@smithy)\//],
    [
      'PDF reports',
      /^node_modules\/(pdfkit|fontkit|@expo-google-fonts|brotli|unicode-|linebreak|restructure)/,
    ],
    ['the application', /^out\//],
    ['other packages', /^node_modules\//],
  ];
  const sizes = new Map<string, number>();
  const add = (part: string, bytes: number): void => void sizes.set(part, (sizes.get(part) ?? 0) + bytes);
  for (const { path, bytes } of app.files) {
    add(parts.find(([, pattern]) => pattern.test(path))?.[0] ?? 'the application', bytes);
  }
  for (const { bytes } of app.resources()) add('models and icons', bytes);
  return [...sizes].toSorted((a, b) => b[1] - a[1]);
}
