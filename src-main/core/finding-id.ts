/**
 * The name of a finding: a UUID that says where it is and what, not when it was found. The same image, model and parameters give
 * the same ids in every run, on every machine, in whatever order the tiles came; so a decision stays with its finding when failed
 * tiles are retried, and exports of two days can be compared.
 */
import { murmur3 } from './murmur3.ts';

export interface FindingIdentity {
  kind: 'detection' | 'tile' | 'region';
  /** Level-0 pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  classIndex: number;
  score: number;
}

const encoder = new TextEncoder();
const hex = (value: number) => value.toString(16).padStart(8, '0');

/** What is hashed: the numbers of the finding and, from place 48, the hash of the run's key; reused, as a run has many findings. */
const record = new Uint8Array(64);
const view = new DataView(record.buffer);
let keyInRecord: string | null = null;

/**
 * UUID version 8 (RFC 9562, "custom"): 122 bits of a hash over the run's key and the finding. For a million findings the chance of
 * any two alike is about 1e-25.
 * @param runKey what makes two runs the same analysis (image, model, parameters)
 * @param occurrence 0, 1, 2 … for findings that agree in everything (two boxes without area in one place)
 */
export function findingId(runKey: string, finding: FindingIdentity, occurrence = 0): string {
  if (runKey !== keyInRecord) {
    for (const [i, word] of murmur3(encoder.encode(runKey)).entries()) view.setUint32(48 + i * 4, word, true);
    keyInRecord = runKey;
  }
  // Boxes that grew in a merge have doubles: all of them go in whole; class, kind and occurrence share what is left.
  view.setFloat64(0, finding.x, true);
  view.setFloat64(8, finding.y, true);
  view.setFloat64(16, finding.width, true);
  view.setFloat64(24, finding.height, true);
  view.setFloat64(32, finding.score, true);
  const kind = { detection: 0, tile: 1, region: 2 ** 31 }[finding.kind];
  view.setUint32(40, finding.classIndex * 2 + kind, true);
  view.setUint32(44, occurrence, true);
  const [a, b, c, d] = murmur3(record);
  const version = ((b & 0xffff0fff) | 0x8000) >>> 0;
  const variant = ((c & 0x3fffffff) | 0x80000000) >>> 0;
  const second = hex(version);
  const third = hex(variant);
  return `${hex(a)}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex(d)}`;
}

const nowhere = { kind: 'tile', x: 0, y: 0, width: 0, height: 0, classIndex: 0, score: 0 } as const;

/** The name of a tile that is no finding, in files that hold objects for tiles too. */
export function tileObjectId(runId: string, tile: number): string {
  return findingId(`${runId} tile`, nowhere, tile);
}
