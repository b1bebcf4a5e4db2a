/**
 * What another program found as a run of its own, to be looked at, decided about and exported like any other. The run is complete from
 * the start; its model is the program, whose file is known by its hash.
 */
import type { ModelManifest } from '../../contract/model.ts';
import type { GridPlan } from '../../contract/run.ts';
import { skipReasons } from '../../contract/run.ts';
import { okabeIto } from '../../core/colour.ts';
import { findingId } from '../../core/finding-id.ts';
import { planGrid, tileAt, tileCount } from '../../core/grid.ts';
import type { NewFinding } from '../../store/finding-store.ts';
import type { TileChange } from '../../store/tile-store.ts';
import type { CaseSession } from '../case-session.ts';
import { skippedTiles, tileMoves } from '../tile-moves.ts';
import type { ImportedFinding, ImportedFindings } from './imported-findings.ts';

/** Of files of detections, which know no tiles. */
const tileEdge = 512;
/** Changes that go into one entry of the log, as in a run. */
const together = 512;

const sourceNames = { coco: 'COCO file', wsinfer: 'WSInfer table' } as const;

/** @param sha256 of the file @returns the number of the run */
export function addImportedRun(session: CaseSession, found: ImportedFindings, sha256: string): number {
  const { file } = session;
  const { info } = session.image;
  const grid = gridOf(found, info.width, info.height);
  const manifest = manifestOf(found, sha256);
  const owners = found.findings.map((f) => tileAt(grid, f.x + f.width / 2, f.y + f.height / 2));
  const at = new Date().toISOString();
  return file.transaction(() => {
    const no = file.runs.create(
      {
        modelPath: manifest.files[0]?.file ?? '',
        modelSha256: sha256,
        manifest,
        fit: { fileIndex: 0, bandIndexes: [], notes: notesOf(found) },
        parameters: {},
        threshold: 0,
        grid,
        software: session.version,
      },
      at,
    );
    const epoch = file.runs.beginEpoch(no);
    file.runs.setProvider(no, 'another program');
    file.events.append(no, 'imported', { format: found.format, sha256, findings: found.findings.length });
    addTiles(session, no, epoch, found, grid, owners);
    file.findings.replace(no, findings(found, owners, sha256));
    file.runs.advance(no, 'analyze', 'synthesize');
    file.runs.advance(no, 'synthesize', 'store');
    file.runs.setCompletion(no, 'all-ended');
    file.runs.transition(no, ['running'], { state: 'complete', step: 'finished', finishedAt: at });
    file.events.append(no, 'finished', { state: 'complete', completion: 'all-ended' });
    return no;
  });
}

function notesOf({ format, notes }: ImportedFindings): string[] {
  return [`Imported from a ${sourceNames[format]}: nothing of this run was computed here.`, ...notes];
}

/** The tiles of a table by their size and step; of detections, squares. */
function gridOf({ kind, findings }: ImportedFindings, imageWidth: number, imageHeight: number): GridPlan {
  const [first] = findings;
  const isTiled = kind === 'tile' && first !== undefined;
  const width = isTiled ? Math.max(1, Math.round(first.width)) : tileEdge;
  const height = isTiled ? Math.max(1, Math.round(first.height)) : tileEdge;
  const overlap = (size: number, places: readonly number[]): number => {
    const sorted = [...new Set(places)].toSorted((a, b) => a - b);
    const steps = sorted.slice(1).map((place, i) => place - sorted[i]!);
    const step = steps.reduce((least, each) => Math.min(least, each), size);
    // Tiles that begin anywhere have no step: then they lie side by side.
    if (step < size / 4) return 0;
    return Math.min(size - 1, Math.max(0, Math.round(size - step)));
  };
  return planGrid({
    imageWidth,
    imageHeight,
    scaleX: 1,
    scaleY: 1,
    tileWidth: width,
    tileHeight: height,
    overlap: isTiled
      ? overlap(
          width,
          findings.map(({ x }) => x),
        )
      : 0,
    overlapY: isTiled
      ? overlap(
          height,
          findings.map(({ y }) => y),
        )
      : 0,
  });
}

function manifestOf({ format, kind, classes, findings }: ImportedFindings, sha256: string): ModelManifest {
  const names = classes.length === 0 ? ['object'] : classes;
  return {
    schema: 1,
    id: `imported-${format}`,
    name: `Imported ${sourceNames[format]}`,
    version: sha256.slice(0, 12),
    task: kind === 'tile' ? 'classify' : 'detect',
    license: 'unknown',
    description: 'Results of another program, taken over from a file.',
    limits: ['How these results came about is not known to this program.'],
    references: [],
    files: [{ file: format === 'coco' ? 'imported.json' : 'imported.csv', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'none',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['band-1'],
      tileSize: tileEdge,
      fixedSize: false,
    },
    halo: 0,
    outputs: outputsOf(
      kind,
      findings.some(({ shape }) => shape !== undefined),
    ),
    classes: names.map((name, c) => {
      const [red, green, blue] = okabeIto[c % okabeIto.length]!;
      return { name: name === '' ? `class ${c}` : name, color: [red, green, blue] };
    }),
    backgroundClass: null,
    threshold: 0,
    keepFrom: 0,
    tileColor: { by: 'class' },
    background: 'none',
  };
}

function outputsOf(kind: ImportedFindings['kind'], hasOutlines: boolean): ModelManifest['outputs'] {
  if (kind === 'tile') return { classFractions: { name: 'none' } };
  return hasOutlines
    ? { boxes: { name: 'none', form: 'dets-labels', labels: 'none', masks: 'none' } }
    : { detections: { name: 'none' } };
}

function addTiles(
  { file }: CaseSession,
  no: number,
  epoch: number,
  { kind, findings, classes }: ImportedFindings,
  grid: GridPlan,
  owners: readonly number[],
): void {
  const count = tileCount(grid);
  const strongest = new Map<number, ImportedFinding>();
  for (const [i, finding] of findings.entries()) {
    const tile = owners[i] ?? 0;
    const before = strongest.get(tile);
    if (before === undefined || finding.score > before.score) strongest.set(tile, finding);
  }
  const skip = new Uint8Array(count);
  // A table says what was looked at; of detections without a word on tiles, everything is taken to be.
  if (kind === 'tile') {
    for (let tile = 0; tile < count; tile++) {
      if (!strongest.has(tile)) skip[tile] = skipReasons.indexOf('outside-region');
    }
  }
  file.tiles.insertGrid(no, skip, new Float32Array(count).fill(1));
  file.runs.advance(no, 'preprocess', 'analyze');
  file.events.append(no, 'preprocessed', { tiles: count, skipped: skippedTiles(skip) });
  const looked = Array.from({ length: count }, (_, tile) => tile).filter((tile) => skip[tile] === 0);
  for (let from = 0; from < looked.length; from += together) {
    const changes = looked.slice(from, from + together).flatMap((tile): TileChange[] => {
      const finding = strongest.get(tile);
      const values = finding?.probabilities ?? (kind === 'tile' ? classes.map(() => 0) : []);
      return [
        { kind: 'grant', tile, epoch },
        {
          kind: 'done',
          epoch,
          result: {
            tile,
            score: finding?.score ?? 0,
            classIndex: finding?.classIndex ?? 255,
            values: Float32Array.from(values),
            detections: new Float32Array(0),
          },
        },
      ];
    });
    file.tiles.apply(no, changes);
    file.events.append(no, 'tiles', { epoch, moves: tileMoves(changes) });
  }
}

function* findings(
  { kind, findings: found }: ImportedFindings,
  owners: readonly number[],
  sha256: string,
): Generator<NewFinding> {
  const order = found
    .map((_, i) => i)
    .toSorted((a, b) => {
      const [f, g] = [found[a]!, found[b]!];
      return g.score - f.score || f.y - g.y || f.x - g.x || f.classIndex - g.classIndex || a - b;
    });
  for (const [ordinal, i] of order.entries()) {
    const { x, y, width, height, classIndex, score, shape } = found[i]!;
    const finding = { kind, x, y, width, height, classIndex, score };
    yield {
      ...finding,
      ordinal,
      tile: owners[i] ?? 0,
      id: (turn) => findingId(`imported ${sha256}`, finding, turn - 1),
      ...(shape && { shape }),
    };
  }
}
