/** From what a convention says to a whole manifest: what no convention says and nobody need be asked. */
import { basename } from 'node:path';
import type { ModelManifest } from '../contract/model.ts';
import { okabeIto } from '../core/colour.ts';
import type { ManifestDraft } from './convention.ts';

/** Said of every model that was made elsewhere, in reports too. */
export const madeElsewhere = 'Made elsewhere: how well it works was not measured by this application.';

/** Detections in a tile's colour: what is many, a mm², a km² or a million pixels, where nobody says it. */
const fullDensity = { slide: 2000, map: 2000, pixels: 500 };

/** Boxes of less are noise and many; the threshold can be moved down to it. */
const keptFrom = 0.1;

/** `My Model v2.onnx` is `my-model-v2`. */
export function modelId(file: string): string {
  const name = basename(file).replace(/\.onnx$/i, '');
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return plain === '' ? 'model' : plain;
}

/** The fields without which there is no manifest; `null` where all are there. */
export function firstGap(draft: ManifestDraft): string | null {
  const { input } = draft;
  for (const key of ['name', 'layout', 'dtype', 'bands', 'tileSize', 'fixedSize'] as const) {
    if (input[key] === undefined) return `input.${key}`;
  }
  for (const key of ['task', 'classes'] as const) if (draft[key] === undefined) return key;
  return Object.keys(draft.outputs).length === 0 ? 'outputs' : null;
}

/**
 * Colours (Okabe and Ito's), the colour of tiles by task, background by what the resolution says, and names from the file.
 * @throws {RangeError} where `firstGap` names one
 */
export function completeManifest(draft: ManifestDraft, file: string): ModelManifest {
  const gap = firstGap(draft);
  const { task, classes } = draft;
  if (gap !== null || task === undefined || classes === undefined) {
    throw new RangeError(`A manifest needs ${gap ?? 'task and classes'}`);
  }
  const input = draft.input as ModelManifest['input'];
  const { dtype } = input;
  const imageTypes = draft.imageTypes ?? [dtype === 'uint16' ? 'uint16' : 'uint8'];
  const mpp = draft.mpp ?? null;
  const metres = draft.metresPerPixel ?? null;
  const threshold = draft.threshold ?? 0.5;
  return {
    schema: 1,
    id: modelId(file),
    name: draft.name ?? basename(file).replace(/\.onnx$/i, ''),
    version: draft.version ?? 'unversioned',
    task,
    license: draft.license ?? '',
    description: draft.description ?? '',
    limits: draft.limits ?? [madeElsewhere],
    references: draft.references ?? [],
    files: [{ file: basename(file), imageTypes }],
    mpp,
    ...(metres === null ? {} : { metresPerPixel: metres }),
    input,
    halo: draft.halo ?? 0,
    outputs: draft.outputs,
    classes: classes.map(({ name, color }, i) => ({ name, color: color ?? colourOf(i) })),
    backgroundClass: draft.backgroundClass ?? null,
    threshold,
    keepFrom: draft.keepFrom ?? (task === 'detect' ? Math.min(threshold, keptFrom) : 0),
    tileColor: draft.tileColor ?? tileColour(task, draft.outputs, mpp, metres),
    ...(draft.seams === undefined ? {} : { seams: draft.seams }),
    ...(draft.smallestRegion === undefined ? {} : { smallestRegion: draft.smallestRegion }),
    background: draft.background ?? (mpp !== null ? 'tissue' : metres !== null ? 'nodata' : 'none'),
  };
}

/** Beyond the set the colours begin again, darker each time: still told apart by their names. */
function colourOf(index: number): ModelManifest['classes'][number]['color'] {
  const [red, green, blue] = okabeIto[index % okabeIto.length] ?? [230, 159, 0];
  const part = 0.75 ** (Math.floor(index / okabeIto.length) % 4);
  return [Math.round(red * part), Math.round(green * part), Math.round(blue * part)];
}

function tileColour(
  task: ModelManifest['task'],
  outputs: ModelManifest['outputs'],
  mpp: number | null,
  metres: number | null,
): ModelManifest['tileColor'] {
  if (task === 'detect') {
    const full = mpp !== null ? fullDensity.slide : metres !== null ? fullDensity.map : fullDensity.pixels;
    return { by: 'density', full };
  }
  if (task !== 'regress') return { by: 'class' };
  const value = outputs.tileValues?.names[0] ?? outputs.valueMap?.names[0] ?? 'value';
  return { by: 'value', value, full: 1 };
}
