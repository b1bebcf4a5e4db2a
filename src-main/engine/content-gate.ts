/**
 * The content gate: a classifier that looks at the image before the model does, and says which parts show what the model is for.
 * It runs on workers of its own over its own grid, with the same retries and limits as a run. What it cannot judge (a tile that
 * fails, a tile that another run would skip) is looked at: a gate too many costs time, a gate too few costs findings.
 */
import { z } from 'zod';
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import { skipReasons, type GridPlan, type RunParameters } from '../contract/run.ts';
import { cellsOver, highestOver } from '../core/gate-cells.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit } from '../core/worker-protocol.ts';
import type { StoredGate } from '../store/run-store.ts';
import { wholeImagePlan } from '../models/whole-image.ts';
import { sidePass } from './side-pass.ts';

const rejected = skipReasons.indexOf('content-gate');

export interface GateOptions {
  host: WorkerHost;
  init: InferenceInit;
  gate: StoredGate;
  /** The run's grid, and which of its tiles are skipped already. */
  plan: GridPlan;
  skip: Uint8Array;
  workers: number;
  tileTimeoutMs: number;
  checkImage: () => Promise<void>;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

export interface GateAnswer {
  /** Tiles that it rejects. */
  rejected: number;
  /** Probability of the accepted classes in the whole image; null where it looked at tiles, or could not judge. */
  ofImage: number | null;
}

/**
 * Marks the tiles that the gate rejects in `skip`: of the whole image, all of them or none.
 * @throws {GigatileError} why the gate's model cannot work; cancelled
 */
export async function applyGate(options: GateOptions): Promise<GateAnswer> {
  const { gate, plan, skip } = options;
  const needed = cellsOver(plan, gate.grid, (tile) => skip[tile] === 0);
  const values = await acceptance(options, needed);
  const highest = highestOver(plan, gate.grid, values);
  let count = 0;
  for (const [tile, value] of highest.entries()) {
    if (skip[tile] !== 0 || value >= gate.from) continue;
    skip[tile] = rejected;
    count++;
  }
  const [ofImage = NaN] = gate.scope === 'image' ? values : [];
  return { rejected: count, ofImage: Number.isNaN(ofImage) ? null : ofImage };
}

/**
 * The whole image at once, for a gate that lets all of it through or none.
 * @throws {GigatileError} model-mismatch where its model looks at pixels of one size only
 */
export function imageGatePlan(manifest: ModelManifest, image: GridPlan): GridPlan {
  if (manifest.mpp !== null || (manifest.metresPerPixel ?? null) !== null) {
    throw new GigatileError(
      'model-mismatch',
      `${manifest.name} was made for pixels of one size, and cannot judge the whole image at once`,
      { hint: 'Let it look tile by tile: leave "image:" out.' },
    );
  }
  return wholeImagePlan(manifest.input, image);
}

const gateAnswerSchema = z.object({ gateOfImage: z.number() });

/** Why a run ended without a look at any tile; null where that was not the gate's doing. @param answer what `preprocessed` logged */
export function rejectionOf(gate: StoredGate | undefined, answer: unknown): string | null {
  const logged = gateAnswerSchema.safeParse(answer);
  if (gate?.scope !== 'image' || !logged.success) return null;
  const { gateOfImage: value } = logged.data;
  if (value >= gate.from) return null;
  const classes = gate.accept.map((c) => gate.manifest.classes[c]?.name ?? `class ${c}`).join(' or ');
  return `${gate.manifest.name} sees no ${classes} in this image (probability ${value.toFixed(2)}, at least ${gate.from} wanted): no tile was analysed`;
}

/** Probability of the accepted classes for each of the gate's tiles; NaN where it was not looked at, or could not be. */
async function acceptance(options: GateOptions, needed: Uint8Array): Promise<Float32Array> {
  const { gate, host, init, workers, tileTimeoutMs, checkImage, onProgress, signal } = options;
  const values = new Float32Array(needed.length).fill(Number.NaN);
  await sidePass({
    host,
    init,
    plan: gate.grid,
    needed,
    keepAll: false,
    workers,
    tileTimeoutMs,
    checkImage,
    onDone: ({ tile, values: ofClasses }) => {
      values[tile] = gate.accept.reduce((sum, c) => sum + (ofClasses[c] ?? 0), 0);
    },
    onProgress,
    signal,
  });
  return values;
}

/**
 * The classes that a person named, in the gate's own.
 * @throws {GigatileError} model-mismatch where the model is no classifier, or has no such class
 */
export function acceptedClasses(manifest: ModelManifest, names: readonly string[]): number[] {
  if (manifest.task !== 'classify') {
    throw new GigatileError(
      'model-mismatch',
      `${manifest.name} cannot be a content gate: it does not classify`,
      {
        hint: 'Choose a model that says what a tile shows (task classify).',
      },
    );
  }
  return names.map((name) => {
    const index = manifest.classes.findIndex((known) => known.name.toLowerCase() === name.toLowerCase());
    if (index >= 0) return index;
    throw new GigatileError('model-mismatch', `${manifest.name} has no class "${name}"`, {
      hint: `It has ${manifest.classes.map((known) => known.name).join(', ')}.`,
    });
  });
}

/** Parameters under which the gate's model is fitted to the image: the person's, as far as they are about the image. */
export function gateParameters({ mpp, jpeg }: RunParameters): RunParameters {
  return { ...(mpp !== undefined && { mpp }), ...(jpeg !== undefined && { jpeg }) };
}
