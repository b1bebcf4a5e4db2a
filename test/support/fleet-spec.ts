/** A run as it lies in a queue, for tests that analyse nothing. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { modelManifestSchema } from '../../src-main/contract/model.ts';
import { planGrid } from '../../src-main/core/grid.ts';
import type { FleetRunSpec } from '../../src-main/scale/fleet-run.ts';

export function fleetSpec(name: string, more: Partial<FleetRunSpec> = {}): FleetRunSpec {
  const path = resolve(import.meta.dirname, '../../models/he-nuclei/gigatile.json');
  return {
    schema: 1,
    software: 'test',
    image: { address: `/slides/${name}`, name, bytes: 1, fingerprint: 'f' },
    model: {
      sha256: 'a'.repeat(64),
      manifest: modelManifestSchema.parse(JSON.parse(readFileSync(path, 'utf8'))),
      fileIndex: 0,
      bandIndexes: [0, 1, 2],
    },
    grid: planGrid({
      imageWidth: 300,
      imageHeight: 300,
      scaleX: 1,
      scaleY: 1,
      tileWidth: 100,
      tileHeight: 100,
      overlap: 0,
    }),
    keepAll: false,
    jpeg: 'fast',
    provider: 'cpu',
    tileTimeoutMs: 1000,
    ...more,
  };
}
