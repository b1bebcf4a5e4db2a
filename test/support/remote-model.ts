/** gigatile.json of a remote model, for tests. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '../../src-main/contract/model.ts';

/** @param remote fields that differ, and those that have no default: `baseUrl` */
export function remoteManifest(remote: Record<string, unknown>): Record<string, unknown> {
  return {
    schema: 1,
    id: 'trees',
    name: 'Trees by a stranger',
    version: '1',
    task: 'detect',
    license: 'CC0-1.0',
    description: 'Finds trees.',
    limits: [],
    references: [],
    files: [{ file: 'gigatile.json', imageTypes: ['uint8'] }],
    mpp: null,
    halo: 0,
    input: {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: 64,
      fixedSize: false,
    },
    outputs: { tileValues: { name: 'region', names: ['objects', 'confidence'] } },
    classes: [
      { name: 'tree', color: [0, 114, 178] },
      { name: 'house', color: [213, 94, 0] },
    ],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0.1,
    tileColor: { by: 'value', value: 'confidence', full: 1 },
    background: 'none',
    remote: {
      api: 'openai-chat',
      model: 'test-vision',
      prompt: 'Find every tree and house.',
      maxTokens: 500,
      temperature: 0,
      imageEdge: 512,
      ...remote,
    },
  };
}

/** @returns the folder, to be given as --model */
export function writeRemoteModel(folder: string, manifest: Record<string, unknown>): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'gigatile.json'), JSON.stringify(manifest));
  return folder;
}

export function asManifest(manifest: Record<string, unknown>): ModelManifest {
  return manifest as unknown as ModelManifest;
}
