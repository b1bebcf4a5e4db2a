/**
 * What every export is written from: plain data, filled by the engine from a case. De-identified (./identity.ts): unless somebody
 * asked for it, nothing here names the file, its folder, or what its scanner wrote, and nothing ever shows the slide's label.
 */
import type { AnnotationView } from '../contract/annotation.ts';
import type { FindingView } from '../contract/finding.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { RemoteSummary } from '../contract/report.ts';
import type { FailureGroup, GridPlan, RunView } from '../contract/run.ts';
import type { Review } from './review.ts';

/** What an export may say about the image. */
export interface ReportImage {
  /** What the image is called: words made from its fingerprint, or its file name where that was asked for. */
  name: string;
  isNamed: boolean;
  format: string;
  width: number;
  height: number;
  mpp: ImageInfo['mpp'];
  geo: ImageInfo['geo'];
  objectivePower: number | null;
  bands: number;
  dtype: ImageInfo['dtype'];
  compression: string;
  /** The pictures of a set and their places; null where the image is one picture. */
  parts: NonNullable<ImageInfo['parts']> | null;
  /** What made the file, in this program's words (aperio, dicom …); null where unknown. */
  vendor: string | null;
  /** The file's own properties, where they were asked for. */
  properties: { name: string; value: string }[];
  /** What was left out because it can name a person, for people: kinds, never contents. */
  leftOut: string[];
}

/** One entry a tile, in the order of the grid. */
export interface ReportTiles {
  /** tileStateCode. */
  states: Uint8Array;
  /** 0-255 of the tile's 0-1. */
  scores: Uint8Array;
  /** Strongest class, or 255. */
  classes: Uint8Array;
  /** Index into skipReasons. */
  skipReasons: Uint8Array;
  /** Tile values or class fractions, `valueNames.length` numbers a tile; null where the model gives none. */
  values: Float32Array | null;
  valueNames: string[];
}

export interface ReportData {
  /** The program that writes the export. */
  software: { name: string; version: string };
  /** ISO 8601. */
  generatedAt: string;
  image: ReportImage;
  /** SHA-256 of the image's content as sampled, hex. */
  fingerprint: string;
  model: {
    manifest: ModelManifest;
    /** Of the file that was run. */
    sha256: string;
    file: string;
  };
  run: RunView;
  /** Version of the program that made the run. */
  runSoftware: string;
  /** What the person was told when the model was fitted to the image. */
  notes: string[];
  /** What the run was computed on, for people: system, processor, cores; null in runs of earlier versions. */
  machine: string | null;
  /** Images were decoded by libvips' WebAssembly build, because the native one does not work there. */
  wasmCodecs?: boolean;
  review: Review;
  /** Part of the image (0-1) that each reviewer saw at 10x or closer; without a scale at a quarter of the full resolution. */
  coverage: { reviewer: string; share: number }[];
  /** What a remote model wrote last of the run's figures. */
  remoteSummary?: RemoteSummary;
  /** What reviewers drew on the image. */
  annotations: AnnotationView[];
  plan: GridPlan;
  tiles: ReportTiles;
  /** All failed tiles, by reason. `tiles` of a group may be the first few. */
  failures: FailureGroup[];
  /** Of the done tiles: how many could be judged for focus, are out of focus, are partly covered by pen. */
  quality: { judged: number; blurred: number; pen: number };
  /** Findings at or above this score are exported. */
  threshold: number;
  /** All findings that were kept, in the order of their ordinal; can be gone through more than once. */
  findings(): Iterable<FindingView> | AsyncIterable<FindingView>;
}

/** Bytes of a picture, ready to be shown. */
export interface Picture {
  /** MIME type. */
  type: 'image/jpeg' | 'image/png';
  bytes: Uint8Array;
}

/** The findings that count: at or above the threshold. */
export async function* shownFindings(data: ReportData): AsyncGenerator<FindingView> {
  for await (const finding of data.findings()) if (finding.score >= data.threshold) yield finding;
}

/** What every machine-readable export carries about where it comes from and what is missing. */
export function provenance(data: ReportData): Record<string, unknown> {
  const { run, model } = data;
  return {
    software: `${data.software.name} ${data.software.version}`,
    generatedAt: data.generatedAt,
    image: {
      name: data.image.name,
      width: data.image.width,
      height: data.image.height,
      fingerprint: data.fingerprint,
    },
    model: {
      id: model.manifest.id,
      name: model.manifest.name,
      version: model.manifest.version,
      sha256: model.sha256,
    },
    run: {
      id: run.id,
      state: run.state,
      createdAt: run.createdAt,
      finishedAt: run.finishedAt,
      parameters: run.parameters,
      provider: run.provider,
      software: data.runSoftware,
      ...(data.wasmCodecs === true && { codecs: 'libvips as WebAssembly' }),
    },
    threshold: data.threshold,
    tiles: { ...run.tiles },
    failures: data.failures.map(({ code, message, count }) => ({ code, message, count })),
    complete: run.state === 'complete',
  };
}
