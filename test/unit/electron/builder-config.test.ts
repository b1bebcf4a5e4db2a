import { existsSync, globSync, readFileSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readYaml, type Yaml } from './read-yaml.ts';

const root = resolve(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  main: string;
  dependencies: Record<string, string>;
};

type Mapping = Record<string, Yaml>;
let config: Mapping;
beforeAll(async () => {
  config = (await readYaml(readFileSync(resolve(root, 'electron-builder.yml'), 'utf8'))) as Mapping;
});

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

  it('opens cases as its own and images as one of several', () => {
    const associations = (config['fileAssociations'] as Mapping[]).map(({ ext, role, rank }) => ({
      ext,
      role,
      rank,
    }));
    expect(associations).toEqual([
      { ext: 'gigatile', role: 'Editor', rank: 'Owner' },
      { ext: 'svs', role: 'Viewer', rank: 'Default' },
      { ext: ['tif', 'tiff', 'btf', 'tf8'], role: 'Viewer', rank: 'Alternate' },
      { ext: ['ndpi', 'scn', 'bif', 'mrxs', 'svslide'], role: 'Viewer', rank: 'Alternate' },
      { ext: 'dcm', role: 'Viewer', rank: 'Alternate' },
      { ext: ['jp2', 'j2k'], role: 'Viewer', rank: 'Alternate' },
    ]);
  });
});
