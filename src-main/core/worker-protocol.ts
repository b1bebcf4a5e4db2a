/**
 * The messages between the engine and its workers: plain data that survives the structured clone of every transport
 * (child process with advanced serialization, utility process, MessagePort).
 */
import type { PlainError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { Budget, RemoteUsage, TileNote } from '../contract/model-remote.ts';
import type { PreparationView } from '../contract/preparation.ts';
import type { ExecutionProvider, GridPlan, JpegDecoder, Rect } from '../contract/run.ts';
import type { Vector } from './stains.ts';

/** Numbers a detection takes in a packed list: x, y, width, height (level-0 px), class index, score. */
export const detectionStride = 6;

/* ---------- inference worker ---------- */

export interface InferenceInit {
  kind: 'init';
  imagePath: string;
  /** The fingerprint that the image must have; another one is a fatal `image-changed`. */
  fingerprint: string;
  modelPath: string;
  modelSha256: string;
  manifest: ModelManifest;
  /** Index into manifest.files that fits the image's type. */
  fileIndex: number;
  /** Bands of the image that the model's input takes, 0-based, in the model's order. */
  bandIndexes: number[];
  threads: number;
  jpeg: JpegDecoder;
  provider: ExecutionProvider;
  /** For a remote model, whose worker speaks this protocol too. */
  remote?: RemoteOrder;
}

/** What the engine allows the worker of a remote model. */
export interface RemoteOrder {
  /** Requests that may be under way at the same time. */
  atOnce: number;
  budget: Budget | null;
  /** What the run has cost before. */
  used: RemoteUsage;
  /** The endpoint's key, where a person gave it to the program; else the worker looks into its environment. */
  key?: string;
}

/** What a session is made of: a run's worker gets an image with it, a trial does not. */
export type ModelInit = Pick<
  InferenceInit,
  'modelPath' | 'modelSha256' | 'manifest' | 'fileIndex' | 'threads' | 'provider'
>;

export type ToInference =
  | InferenceInit
  /** `stains`: estimate those of the image too. */
  | {
      kind: 'preprocess';
      plan: GridPlan;
      background: ModelManifest['background'];
      stains?: 'macenko';
    }
  | {
      kind: 'lease';
      lease: number;
      epoch: number;
      plan: GridPlan;
      batch: number;
      tiles: Int32Array;
      /** Also detections whose centre another tile owns: for merging that needs both sides of a border. */
      keepAll?: boolean;
      /** Results of quick models are held back for about so long, to come together; 50 where absent. */
      holdMs?: number;
    }
  | { kind: 'cancel'; lease: number }
  | { kind: 'stop' };

export interface TileResult {
  tile: number;
  /** 0-1: what the tile is coloured by. */
  score: number;
  /** Strongest class, or 255. */
  classIndex: number;
  /** Tile values or class fractions, in the manifest's order. */
  values: Float32Array;
  /** Packed detections at or above keepFrom whose centre the tile's core owns (with keepAll: all); see detectionStride. */
  detections: Float32Array;
  /** Where the model gives more than boxes: the outline of each detection, in their order, one after the other (core/shape.ts). */
  shapes?: Float32Array;
  /** Where the model says something about each pixel: see core/segment-mask.ts. */
  mask?: Uint8Array;
  /** Sharpness of the tile's pixels (core/quality/focus.ts); null where nothing can be said; absent where it was not measured. */
  sharpness?: number | null;
  /** What a remote model said of the tile. */
  note?: TileNote;
}

/** Results of many tiles, as core/packed-results.ts packs them. */
export interface PackedResults {
  /** For each tile a row of numbers: what they are, and how long each of its lists below is. */
  rows: Float64Array;
  /** Values, detections and outlines of each tile, one after the other. */
  numbers: Float32Array;
  /** The masks, one after the other. */
  masks: Uint8Array;
}

export type FromInference =
  /** `wasmCodecs`: its images are decoded by libvips' WebAssembly build. */
  | { kind: 'ready'; provider: string; wasmCodecs?: boolean }
  /** The worker cannot work at all (no codec, bad model, changed image): it stops after this. */
  | { kind: 'fatal'; error: PlainError }
  /** `skip`: a number of skipReasons a tile; `content`, `pen`: fraction of its core that is tissue (or valid data), and that is covered by pen, 0-1. */
  | {
      kind: 'preprocessed';
      skip: Uint8Array;
      content: Float32Array;
      pen: Float32Array;
      /** Optical densities (core/macenko.ts); null where they could not be told; absent where nobody asked. */
      stains?: [Vector, Vector] | null;
    }
  /** `together`: results of so many batches at most come with the next message (1 where absent, and in a lease of one tile). */
  | {
      kind: 'tiles';
      lease: number;
      epoch: number;
      /** See `resultsOf`. */
      results: TileResult[] | PackedResults;
      together?: number;
    }
  | {
      kind: 'tile-failed';
      lease: number;
      epoch: number;
      tile: number;
      transient: boolean;
      error: PlainError;
      /** It must not be tried again before that, whatever the backoff. */
      retryAfterMs?: number;
    }
  /** What the run has cost since the last one; before the results that it is for. */
  | { kind: 'usage'; cost: RemoteUsage }
  /** It waits for others and has not hung. */
  | { kind: 'alive' }
  | { kind: 'lease-done'; lease: number; epoch: number };

/* ---------- trials: an inference worker without an image, thrown away afterwards ---------- */

/** One tile on a provider and on the processor (one thread), and whether their outputs agree. */
export interface ProviderAgreement {
  ms: number;
  cpuMs: number;
  /** null: they agree; else what differs, for a person. */
  disagreement: string | null;
}

/** A model on the input that was published with it, against the answer that was; the first message and the only one. */
export interface SelfTestOrder {
  kind: 'self-test';
  model: ModelInit;
  /** Absolute paths of .npy files: the input before its steps, and the answer after them. */
  input: string;
  expected: string;
  output: {
    name: string;
    activation: 'none' | 'sigmoid' | 'softmax';
    factor: number;
    /** 1 above it, else 0; null: the numbers as they are. */
    threshold: number | null;
    channelAxis: number | null;
  };
  tolerance: { relative: number; absolute: number; mismatchedPerMillion: number };
}

export interface SelfTestResult {
  total: number;
  /** Largest difference, and the largest in parts of what was expected. */
  largest: number;
  largestRelative: number;
  /** Numbers beyond the tolerance. */
  mismatched: number;
  isWithin: boolean;
}

export type ToTrial =
  | SelfTestOrder
  /** The first message. `compare` runs a made-up tile on the processor too. Width and height of a tile, model pixels. */
  | { kind: 'trial'; model: ModelInit; width: number; height: number; compare: boolean }
  /** Runs the model on made-up tiles for about so long. */
  | { kind: 'time'; batch: number; forMs: number };

export type FromTrial =
  | { kind: 'fatal'; error: PlainError }
  /** The model could be loaded. */
  | { kind: 'trial-ready'; loadMs: number; maxBatch: number; agreement: ProviderAgreement | null }
  /** Median of the runs after the first; resident memory of the process afterwards. */
  | { kind: 'timed'; batch: number; msPerRun: number; runs: number; residentBytes: number }
  | { kind: 'self-tested'; result: SelfTestResult };

/* ---------- the codecs' test: a process that is thrown away ---------- */

/** null: libvips decodes what it should. */
export interface CodecTestResult {
  problem: string | null;
}

/* ---------- image worker ---------- */

/** Requests to the image worker; each is answered by one ImageAnswer with the same id. */
export type ImageRequest =
  | { id: number; op: 'open'; path: string }
  /** Pictures without a look show the image as it is by default. */
  | {
      id: number;
      op: 'tile';
      image: number;
      level: number;
      column: number;
      row: number;
      look?: DisplayLook | undefined;
    }
  | {
      id: number;
      op: 'render';
      image: number;
      rect: Rect;
      width: number;
      height: number;
      look?: DisplayLook | undefined;
    }
  /** The default look and each band's histogram. */
  | { id: number; op: 'look'; image: number }
  | { id: number; op: 'associated'; image: number; name: string }
  /** RGB or grey pixels to PNG, for heatmaps. */
  | { id: number; op: 'png'; width: number; height: number; bands: 1 | 3 | 4; data: Uint8Array }
  /** How far the preparation of a large image without tiles is, after doing what is wanted with it. */
  | {
      id: number;
      op: 'preparation';
      image: number;
      act: 'look' | 'start' | 'restart' | 'cancel';
    }
  | { id: number; op: 'close'; image: number }
  | { id: number; op: 'doctor' };

export type ImageAnswer =
  { id: number; ok: true; value: ImageValue } | { id: number; ok: false; error: PlainError };

export type ImageValue =
  | { op: 'open'; image: number; info: ImageInfo; fingerprint: string }
  | { op: 'look'; look: ImageLook }
  | { op: 'bytes'; type: string; bytes: Uint8Array }
  /** null: the image needs none. */
  | { op: 'preparation'; view: PreparationView | null }
  | { op: 'none' }
  | { op: 'doctor'; codecs: { name: string; ok: boolean; detail: string }[] };
