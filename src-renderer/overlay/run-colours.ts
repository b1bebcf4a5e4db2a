/** The colours of one run's overlay, made of its model's classes. */
import { tileStateCode } from '../../src-main/contract/run.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { tileColours, type Rgba, type TileColours } from './tile-pixel.ts';

const ramp: readonly (readonly [number, number, number])[] = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
];

export function rampAt(score: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, score)) * (ramp.length - 1);
  const from = ramp[Math.floor(at)] ?? [0, 0, 0];
  const to = ramp[Math.ceil(at)] ?? from;
  const part = at - Math.floor(at);
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

export function runTileColours(manifest: ModelManifest | null): TileColours {
  const byClass = manifest?.tileColor.by === 'class';
  const classes = byClass ? (manifest?.classes ?? []) : [];
  return tileColours(classes.length, (record): Rgba => {
    switch (record.state) {
      case tileStateCode.done: {
        const color = classes[record.classIndex]?.color;
        if (color !== undefined) return [...color, Math.round(60 + (195 * record.score) / 255)];
        return [...rampAt(record.score / 255), 255];
      }
      case tileStateCode.failed:
        return [230, 40, 150, 255];
      case tileStateCode.skipped:
        return [150, 150, 150, 140];
      case tileStateCode.waiting:
        return [245, 170, 50, 255];
      case tileStateCode.running:
        return [80, 160, 255, 255];
      default:
        return [0, 0, 0, 0];
    }
  });
}

/** 256 RGBA texels: the colours of findings by class. */
export function classColours(manifest: ModelManifest | null): Uint8Array {
  const texels = new Uint8Array(1024).fill(255);
  for (const [index, { color }] of (manifest?.classes ?? []).entries()) {
    if (index < 256) texels.set([...color, 255], index * 4);
  }
  return texels;
}
