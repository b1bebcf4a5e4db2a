import { existsSync, globSync, readFileSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  main: string;
  dependencies: Record<string, string>;
};

type Yaml = string | number | boolean | null | Yaml[] | { [key: string]: Yaml };
type Mapping = Record<string, Yaml>;
const config = parse(readFileSync(resolve(root, 'electron-builder.yml'), 'utf8')) as Mapping;

/** All of it as text, keys included. */
const flat = (value: Yaml): string[] =>
  Array.isArray(value)
    ? value.flatMap(flat)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => [key, ...flat(item)])
      : [String(value)];

describe('electron-builder.yml', () => {
  it('turns off every way to run something else in our name', () => {
    expect(config['electronFuses']).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      grantFileProtocolExtraPrivileges: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
    });
    expect(config['asar']).toBe(true);
  });

  it('rebuilds nothing, publishes nowhere, and holds no signing identity', () => {
    expect(config['npmRebuild']).toBe(false);
    expect(config['publish']).toBeNull();
    const words = flat(config);
    for (const word of [
      'identity',
      'certificateFile',
      'certificatePassword',
      'cscLink',
      'cscKeyPassword',
      'notarize',
    ]) {
      expect(words).not.toContain(word);
    }
  });

  it('unpacks every dependency that has a native binary', () => {
    const binaries = Object.keys(manifest.dependencies).flatMap((name) =>
      globSync(`node_modules/${name}/**/*.{node,so,so.*,dll,dylib}`, { cwd: root }),
    );
    // Platforms' binaries that come as optional packages of their own: libvips, koffi.
    const optional = ['@img', '@koromix'].map((scope) =>
      globSync(`node_modules/${scope}/**/*.{node,so.*}`, { cwd: root }),
    );
    expect(binaries.length).toBeGreaterThan(0);
    expect(optional.map((found) => found.length > 0)).toEqual([true, true]);
    const unpacked = config['asarUnpack'] as string[];
    const packed = [...binaries, ...optional.flat()].filter(
      (file) => !unpacked.some((glob) => matchesGlob(file, glob)),
    );
    expect(packed).toEqual([]);
  });

  it.each([
    ['mac', 'darwin', 'arm64'],
    ['win', 'win32', 'x64'],
    ['linux', 'linux', 'x64'],
  ])('%s takes its own binaries and no others', (platform, os, arch) => {
    const section = config[platform] as Mapping;
    for (const target of section['target'] as Mapping[]) expect(target['arch']).toEqual([arch]);
    const excluded = (section['files'] as string[]).map((glob) => glob.replace(/^!/, ''));
    const taken = [
      'node_modules/onnxruntime-node/bin/*/*/*/onnxruntime_binding.node',
      'node_modules/better-sqlite3/prebuilds/*.node',
      'node_modules/@julusian/jpeg-turbo/prebuilds/*/*.node',
    ].map((glob) =>
      globSync(glob, { cwd: root }).filter((file) => !excluded.some((pattern) => matchesGlob(file, pattern))),
    );
    for (const files of taken) {
      expect(files).toHaveLength(1);
      expect(files[0]!.replaceAll('/', '-')).toContain(`${os}-${arch}`);
    }
  });

  it('takes the models along, all of their files, and nothing that only builds them', () => {
    const [models] = config['extraResources'] as Mapping[];
    expect(models).toMatchObject({ from: 'models', to: 'models' });
    const taken = globSync(models!['filter'] as string[], { cwd: resolve(root, 'models') });
    for (const file of globSync('*/gigatile.json', { cwd: resolve(root, 'models') })) {
      const folder = file.split('/')[0]!;
      const { files } = JSON.parse(readFileSync(resolve(root, 'models', file), 'utf8')) as {
        files: { file: string }[];
      };
      expect(taken).toEqual(
        expect.arrayContaining([file, ...files.map((entry) => `${folder}/${entry.file}`)]),
      );
    }
    expect(taken.filter((file) => file.endsWith('.ts'))).toEqual([]);
  });

  it('takes the bundles along, with the one that the manifest starts', () => {
    const globs = (config['files'] as string[]).filter((glob) => !glob.startsWith('!'));
    expect(globs.some((glob) => matchesGlob(manifest.main, glob))).toBe(true);
    expect(existsSync(resolve(root, config['icon'] as string))).toBe(true);
  });

  it('is what electron-builder’s own schema allows', () => {
    const schema = JSON.parse(
      readFileSync(resolve(root, 'node_modules/app-builder-lib/scheme.json'), 'utf8'),
    ) as object;
    const isValid = new Ajv({ strict: false, allErrors: true }).compile(schema);
    isValid(config);
    expect(isValid.errors).toBeNull();
  });

  it('opens cases as its own and images as one of several', () => {
    const mac = config['mac'] as Mapping;
    const associations = [
      ...(config['fileAssociations'] as Mapping[]),
      ...(mac['fileAssociations'] as Mapping[]),
    ];
    expect(associations.map(({ ext, role, rank }) => ({ ext, role, rank }))).toEqual([
      { ext: 'gigatile', role: 'Editor', rank: 'Owner' },
      { ext: 'svs', role: 'Viewer', rank: 'Default' },
      { ext: ['ndpi', 'scn', 'bif', 'mrxs', 'svslide'], role: 'Viewer', rank: 'Default' },
      { ext: ['ome.tif', 'ome.tiff', 'ome.tf8', 'ome.btf'], role: 'Viewer', rank: 'Alternate' },
      { ext: ['tif', 'tiff', 'btf', 'tf8'], role: 'Viewer', rank: 'Alternate' },
      { ext: 'dcm', role: 'Viewer', rank: 'Alternate' },
      { ext: ['jp2', 'j2k'], role: 'Viewer', rank: 'Alternate' },
    ]);
    expect((config['linux'] as Mapping)['fileAssociations']).toEqual(mac['fileAssociations']);
    for (const { icon } of associations) {
      for (const format of ['ico', 'icns']) {
        expect(existsSync(resolve(root, 'resources', `${icon as string}.${format}`))).toBe(true);
      }
    }
  });

  it('takes no image on Windows from the program that opens it', () => {
    const script = readFileSync(resolve(root, 'resources/installer.nsh'), 'utf8');
    const mac = (config['mac'] as Mapping)['fileAssociations'] as Mapping[];
    const single = mac.flatMap(({ ext }) => ext as string | string[]).filter((ext) => !ext.includes('.'));
    // electron-builder would make Gigatile the default of whatever is associated for Windows.
    expect((config['win'] as Mapping)['fileAssociations']).toBeUndefined();
    const named = (macro: string): string[] =>
      [...script.matchAll(new RegExp(`!insertmacro ${macro} "(\\w+)"`, 'g'))].map((match) => match[1]!);
    expect([...named('gigatileOpenUnclaimed'), ...named('gigatileOffer')].toSorted()).toEqual(
      single.toSorted(),
    );
    expect(named('gigatileWithdraw').toSorted()).toEqual(single.toSorted());
  });
});
