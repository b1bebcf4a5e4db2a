/** The checks of a packed application find what is wrong: an archive in which everything is. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createPackageWithOptions } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkApp, type Check } from '../../../resources/packaging/check/checks.ts';
import { isForeign } from '../../../resources/packaging/check/native-modules.ts';
import { PackedApp } from '../../../resources/packaging/check/packed-app.ts';
import { platforms } from '../../../resources/packaging/check/platforms.ts';
import { writeIcns, writeIco } from '../../../resources/icon-files.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'gigatile-packed-app-'));
const [linux, windows, mac] = platforms as [
  (typeof platforms)[0],
  (typeof platforms)[0],
  (typeof platforms)[0],
];
const windowsBinary = readFileSync(
  join(root, 'node_modules/better-sqlite3/prebuilds/win32-x64.node'),
).subarray(0, 4096);

function put(path: string, content: string | Buffer): void {
  const file = join(folder, 'app', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

let checks: Map<string, Check>;
beforeAll(async () => {
  put(
    'package.json',
    JSON.stringify({ main: 'out/main/main.js', dependencies: { zod: '1.0.0', gone: '1.0.0' } }),
  );
  put(
    'out/main/main.js',
    'import { z } from "zod";\nimport "./chunk.js";\nexport const later = () => import("./missing.js");\nexport default z;\n',
  );
  put(
    'out/main/chunk.js',
    `import "gone";\nexport const key = "AKIA${'A'.repeat(16)}";\nexport const at = ${JSON.stringify(root)};\n`,
  );
  put('node_modules/zod/package.json', '{"dependencies":{"lost":"1.0.0"}}');
  put('node_modules/zod/index.js.map', '{}');
  put('node_modules/@img/sharp-wasm32/package.json', '{}');
  put('node_modules/better-sqlite3/package.json', '{}');
  put('node_modules/better-sqlite3/prebuilds/linux-x64.node', windowsBinary);
  put('node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node', 'inside');
  put('test/some.test.js', '');
  await createPackageWithOptions(join(folder, 'app'), join(folder, 'resources/app.asar'), {
    unpack: '**/better-sqlite3/**',
  });
  const app = new PackedApp(join(folder, 'resources'));
  checks = new Map(checkApp(root, app, linux).map((check) => [check.name, check]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the checks of a packed application', () => {
  it.each([
    ['bundles', /engine\.entry\.js/],
    ['native modules', /onnxruntime-node: 0 files/],
    ['native modules', /koffi\.node is inside of the archive/],
    ['other systems', /better-sqlite3\/prebuilds\/linux-x64\.node is not for linux-x64/],
    ['imports', /main\.js loads \.\/missing\.js/],
    ['imports', /chunk\.js loads gone/],
    ['start-up', /gone/],
    ['packages', /zod needs lost/],
    ['packages', /koffi-linux-x64 is not needed/],
    ['left-overs', /zod\/index\.js\.map/],
    ['left-overs', /test\/some\.test\.js/],
    ['models', /no model/],
    ['licences', /licences\.txt/],
    ['secrets', /chunk\.js holds the path of this checkout/],
    ['secrets', /chunk\.js holds an AWS key/],
  ])('%s: %s', (name, wrong) => {
    const check = checks.get(name)!;
    expect(check.ok).toBe(false);
    // The first five are named; what is asked for here is among them.
    expect(check.detail).toMatch(wrong);
  });

  it('finds nothing wrong with what is right', () => {
    expect(checks.get('size')).toMatchObject({ ok: true });
  });
});

describe('binaries', () => {
  it('are told apart by their first bytes', () => {
    const head = (path: string): Buffer => readFileSync(join(root, 'node_modules', path)).subarray(0, 4096);
    const of = (name: string): Buffer => head(`better-sqlite3/prebuilds/${name}.node`);
    const judged = [
      of('linux-x64'),
      of('linux-arm64'),
      of('win32-x64'),
      of('win32-arm64'),
      of('darwin-arm64'),
      of('darwin-x64'),
    ];
    expect(judged.map((binary) => isForeign(binary, linux))).toEqual([false, true, true, true, true, true]);
    expect(judged.map((binary) => isForeign(binary, windows))).toEqual([true, true, false, true, true, true]);
    expect(judged.map((binary) => isForeign(binary, mac))).toEqual([true, true, true, true, false, true]);
  });
});

describe('icon files', () => {
  const pngs = new Map(
    [16, 32, 64, 128, 256, 512, 1024].map((side) => [side, Buffer.from(`png of ${side}`)]),
  );

  it('hold each picture where their headers say', () => {
    const ico = writeIco(pngs);
    const entries = ico.readUInt16LE(4);
    expect(entries).toBe(5);
    for (let index = 0; index < entries; index++) {
      const at = 6 + 16 * index;
      const side = ico.readUInt8(at) === 0 ? 256 : ico.readUInt8(at);
      const start = ico.readUInt32LE(at + 12);
      expect(ico.toString('latin1', start, start + ico.readUInt32LE(at + 8))).toBe(`png of ${side}`);
    }
    const icns = writeIcns(pngs);
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    expect(icns.toString('latin1', 8, 12)).toBe('icp4');
    expect(() => writeIcns(new Map())).toThrow('16 pixels');
  });
});
