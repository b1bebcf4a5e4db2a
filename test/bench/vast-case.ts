/** A finished run in the case of a served image: as many tiles and findings as are asked for, written by the store. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelManifestSchema } from '../../src-main/contract/model.ts';
import { findingId } from '../../src-main/core/finding-id.ts';
import { planGrid, tileAt, tileCount } from '../../src-main/core/grid.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import type { NewFinding } from '../../src-main/store/finding-store.ts';
import { commitTiles } from './million-case.ts';

const models = join(import.meta.dirname, '..', '..', 'models');

/** @param folder of the cases; there is one */
export function addFinishedRun(folder: string, tilesAlong: number, findings: number): void {
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.gigatile'));
  if (name === undefined) throw new Error(`no case in ${folder}`);
  const model = join(models, 'he-nuclei');
  const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(join(model, 'gigatile.json'), 'utf8')));
  const file = CaseFile.open(join(folder, name), 'write');
  try {
    const image = file.image();
    if (image === null) throw new Error('the case has no image');
    const { width, height } = image.info;
    const tile = Math.ceil(width / tilesAlong);
    const plan = planGrid({
      imageWidth: width,
      imageHeight: height,
      scaleX: 1,
      scaleY: 1,
      tileWidth: tile,
      tileHeight: tile,
      overlap: 0,
    });
    const count = tileCount(plan);
    const at = new Date().toISOString();
    const no = file.transaction(() => {
      const made = file.runs.create(
        {
          modelPath: join(model, 'he-nuclei.onnx'),
          modelSha256: '0'.repeat(64),
          manifest,
          fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
          parameters: { workers: 2, threads: 1, batch: 1 },
          threshold: 0.5,
          grid: plan,
          software: 'bench',
        },
        at,
      );
      file.runs.beginEpoch(made);
      file.tiles.insertGrid(made, new Uint8Array(count), new Float32Array(count).fill(0.9));
      file.runs.advance(made, 'preprocess', 'analyze');
      return made;
    });
    commitTiles(file, no, 0, count);
    file.transaction(() => {
      file.runs.advance(no, 'analyze', 'synthesize');
      file.findings.replace(
        no,
        spread(findings, width, (x, y) => tileAt(plan, x, y)),
      );
      file.runs.advance(no, 'synthesize', 'store');
      file.runs.setCompletion(no, 'all-ended');
      file.runs.transition(no, ['running'], { state: 'complete', finishedAt: at });
    });
  } finally {
    file.close();
  }
}

/** Over the whole image, denser in its middle; ordinals by falling score. */
function* spread(
  count: number,
  edge: number,
  tileOf: (x: number, y: number) => number,
): Generator<NewFinding> {
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const part = (prime: number): number => ((ordinal * prime) % 99_991) / 99_991;
    const x = Math.floor(((part(7919) + part(15_485_863)) / 2) * (edge - 40));
    const y = Math.floor(((part(104_729) + part(32_452_843)) / 2) * (edge - 40));
    const finding = {
      kind: 'detection' as const,
      x,
      y,
      width: 14 + (ordinal % 9),
      height: 15 + (ordinal % 7),
      classIndex: 0,
      score: Math.fround(1 - ordinal / (2.5 * count)),
      tile: tileOf(x, y),
    };
    yield { ...finding, ordinal, id: (turn) => findingId('bench', finding, turn) };
  }
}
