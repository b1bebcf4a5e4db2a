/** A segmented tile: class fractions over its core, and its pixels packed for the seams and regions of the whole image. */
import { deflateRawSync } from 'node:zlib';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { GridPlan, Rect } from '../../contract/run.ts';
import { modelSize } from '../../core/grid.ts';
import { encodeClasses, encodeMeans, noLabel, packMask, stripPixels } from '../../core/segment-mask.ts';
import { inStrip, maskPlace, seamRule, type MaskPlace } from '../../core/segment-seams.ts';
import type { Outputs } from '../outputs.ts';
import { pixelClasses, type PixelClasses } from './pixel-classes.ts';
import type { TilePixels } from './tile-pixels.ts';

/** Class numbers are bytes, and one of them means "nothing". */
const mostClasses = noLabel;

/**
 * null where the model says nothing about single pixels.
 *
 * @throws {GigatileError} model-invalid; internal for NaN and infinity
 */
export function segmentTile(
  manifest: ModelManifest,
  outputs: Outputs,
  plan: GridPlan,
  tile: number,
  at: Omit<TilePixels, 'wanted'>,
): { values: Float32Array; mask: Uint8Array } | null {
  const place = maskPlace(plan, tile, seamRule(manifest));
  const found = pixelClasses(manifest, outputs, { ...at, wanted: place.rect });
  if (found === null) return null;
  if (manifest.classes.length > mostClasses) {
    throw new GigatileError('model-invalid', `${manifest.classes.length} classes are too many to segment`, {
      hint: `Up to ${mostClasses} can be told apart.`,
    });
  }
  checkCovered(found, place.core, plan);
  return {
    values: fractions(found, place.core, manifest.classes.length),
    mask: packed(found, place),
  };
}

/** Part of the core's known pixels that each class has. Pixels at the image's rim that an output does not reach are unknown. */
function fractions({ labels, rect }: PixelClasses, core: Rect, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  let known = 0;
  for (let y = core.y; y < core.y + core.height; y++) {
    const row = (y - rect.y) * rect.width - rect.x;
    for (let at = row + core.x; at < row + core.x + core.width; at++) {
      const label = labels[at]!;
      if (label === noLabel) continue;
      counts[label]!++;
      known++;
    }
  }
  return Float32Array.from(counts, (n) => (known === 0 ? 0 : n / known));
}

/** Between two tiles nothing may be left out. @throws {GigatileError} model-invalid */
function checkCovered({ covered }: PixelClasses, core: Rect, plan: GridPlan): void {
  const size = modelSize(plan);
  const isShort =
    (core.x > 0 && covered.x > core.x) ||
    (core.y > 0 && covered.y > core.y) ||
    (core.x + core.width < size.width && covered.x + covered.width < core.x + core.width) ||
    (core.y + core.height < size.height && covered.y + covered.height < core.y + core.height);
  if (!isShort) return;
  throw new GigatileError(
    'model-invalid',
    `The model answers for the inner ${covered.width} x ${covered.height} px of a tile, and with an overlap of ${plan.overlap} px these do not meet`,
    { hint: 'Pass a larger --overlap, or give gigatile.json a halo of what is left out on each side.' },
  );
}

function packed(found: PixelClasses, place: MaskPlace): Uint8Array {
  const { rect, labels, probability, planes, rule } = found;
  return packMask(
    {
      width: rect.width,
      height: rect.height,
      strips: place.strips,
      planes,
      rule,
      classes: encodeClasses(labels, rect.width),
      means: probability === null ? new Uint8Array(0) : encodeMeans(labels, probability, rect.width),
      stripPlanes: stripPlanes(found, place),
    },
    (bytes) => deflateRawSync(bytes, { level: 1 }),
  );
}

function stripPlanes({ planes, probabilities }: PixelClasses, place: MaskPlace): Uint8Array {
  const { rect } = place;
  if (planes === 0) return new Uint8Array(0);
  const pixels = stripPixels({ width: rect.width, height: rect.height, strips: place.strips });
  const bytes = new Uint8Array(planes * pixels);
  let at = 0;
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      if (inStrip(place, x, y)) probabilities(rect.x + x, rect.y + y, bytes, at++, pixels);
    }
  }
  return bytes;
}
