/**
 * How the ways in which people describe a model (metadata inside the file, sidecars beside it) become one form: a part of a
 * `ModelManifest`, what is missing of it, and where each fact was read. A reader of a convention never guesses: what is not
 * written somewhere is not in its description, and shapes of the graph serve only to check what is written.
 */
import type { ModelManifest } from '../contract/model.ts';
import type { OnnxFacts } from './onnx-file/facts.ts';

/** A manifest of which some facts are not known; classes may lack colours. `schema`, `id` and `files` are filled in by the caller. */
export type ManifestDraft = Partial<
  Omit<ModelManifest, 'schema' | 'id' | 'files' | 'input' | 'outputs' | 'classes'>
> & {
  input: Partial<ModelManifest['input']>;
  outputs: ModelManifest['outputs'];
  classes?: { name: string; color?: ModelManifest['classes'][number]['color'] | undefined }[];
  /** Where the convention says which pixel types of the image the model takes; else it follows from `input.dtype`. */
  imageTypes?: ModelManifest['files'][number]['imageTypes'];
};

/** A fact that only a person can say. */
export interface MissingFact {
  /** The field of gigatile.json: `task`, `classes`, `mpp`, `input.bands` … */
  fact: string;
  /** One question for the person, with the form that an answer has. */
  question: string;
  /** Where only some answers are possible; `settles` names facts that need not be said with it. */
  choices?: { value: string; label: string; settles?: string[] }[];
  /** Where an answer is likely; the person may change it. */
  suggestion?: string;
}

export interface Description {
  /** The convention's name as people know it: Ultralytics, Deepness, WSInfer, bioimage.io … */
  convention: string;
  manifest: ManifestDraft;
  /** Without these the model cannot be run; empty where the convention says all. */
  missing: MissingFact[];
  /**
   * Where each fact was read, by field of gigatile.json (`task`, `classes`, `resolution`, `input.mean` …): `metadata names`,
   * `config.json spacing_um_px`, or `Ultralytics` where the convention itself lays it down.
   */
  readFrom: Record<string, string>;
  /** What a person should know: what the graph contradicts without harm, what is not taken over. A sentence each. */
  notes: string[];
}

/** The folder that the model lies in; sidecars are read by it, with a limit on their size. */
export interface ModelFolder {
  /** Absolute path. */
  path: string;
  /** Base name of the .onnx file. */
  modelFile: string;
  /** Names of the files in it, sorted (at most some thousands). */
  names: readonly string[];
  /**
   * Text of a file in it.
   * @returns null where there is none of this name
   * @throws {GigatileError} model-invalid where it cannot be read, is no UTF-8 or is larger than 4 MB
   */
  readText(name: string): Promise<string | null>;
}

export interface ConventionReader {
  name: string;
  /**
   * @returns null where this model is not described in this convention
   * @throws {GigatileError} model-invalid where it is, but wrongly, in contradiction to the graph, or as a kind that cannot be run
   */
  read(facts: OnnxFacts, folder: ModelFolder): Promise<Description | null>;
}
