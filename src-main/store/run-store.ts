/** Runs in a case. Every change of state is a compare-and-set on the state it expects. */
import type { Statement } from 'better-sqlite3';
import { GigatileError } from '../contract/errors.ts';
import { modelManifestSchema } from '../contract/model.ts';
import type { ModelManifest } from '../contract/model.ts';
import {
  remoteUsageSchema,
  sceneDescriptionSchema,
  type Budget,
  type RemoteUsage,
  type SceneDescription,
} from '../contract/model-remote.ts';
import { gridPlanSchema, runParametersSchema } from '../contract/run.ts';
import type { Completion, GridPlan, RunParameters, RunState, RunStep } from '../contract/run.ts';
import type { Db } from './open-database.ts';

/** How the model meets the image, decided once when the run is made. */
export interface StoredFit {
  fileIndex: number;
  bandIndexes: number[];
  notes: string[];
  /** The whole image in one, where it is looked at beside the tiles; its findings are the tile store's. */
  wholeImage?: GridPlan;
  /** The content gate, where the run has one. */
  gate?: StoredGate;
}

/** A classifier that looks at the image before the model; see engine/content-gate.ts. */
export interface StoredGate {
  modelPath: string;
  modelSha256: string;
  manifest: ModelManifest;
  fileIndex: number;
  bandIndexes: number[];
  /** Absent: `tiles`. */
  scope?: 'tiles' | 'image' | undefined;
  grid: GridPlan;
  /** Classes that let a tile through. */
  accept: number[];
  /** Their probability together, from which it is let through. */
  from: number;
}

export interface StoredRun {
  no: number;
  state: RunState;
  step: RunStep;
  epoch: number;
  modelPath: string;
  modelSha256: string;
  manifest: ModelManifest;
  fit: StoredFit;
  parameters: RunParameters;
  threshold: number;
  grid: GridPlan;
  provider: string | null;
  reason: string | null;
  /** Why it came to its end; null before, and where an earlier version ended it. */
  completion: Completion | null;
  createdAt: string;
  finishedAt: string | null;
  workedMs: number;
  software: string;
  /** Remote models only: what the run has cost, and how the image is described; null before. */
  usage: RemoteUsage | null;
  scene: SceneDescription | null;
}

export type NewRun = Pick<
  StoredRun,
  'modelPath' | 'modelSha256' | 'manifest' | 'fit' | 'parameters' | 'threshold' | 'grid' | 'software'
>;

interface RunRow {
  no: number;
  state: RunState;
  step: RunStep;
  epoch: number;
  model_path: string;
  model_sha256: string;
  manifest: string;
  fit: string;
  parameters: string;
  threshold: number;
  grid: string;
  provider: string | null;
  reason: string | null;
  created_at: string;
  finished_at: string | null;
  worked_ms: number;
  software: string;
  /** Absent in cases of earlier versions that are only read. */
  usage?: string | null;
  scene?: string | null;
  completion?: Completion | null;
}

/** Runs are read ten times a second while they go on, and these parts of them never change once they are written. */
function remembering<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = parse(text);
      if (known.size >= 32) known.clear();
      known.set(text, value);
    }
    return value;
  };
}

const manifestOf = remembering((text) => modelManifestSchema.parse(JSON.parse(text)));
const parametersOf = remembering((text) => runParametersSchema.parse(JSON.parse(text)));
const gridOf = remembering((text) => gridPlanSchema.parse(JSON.parse(text)));

function fromRow(row: RunRow): StoredRun {
  return {
    no: row.no,
    state: row.state,
    step: row.step,
    epoch: row.epoch,
    modelPath: row.model_path,
    modelSha256: row.model_sha256,
    manifest: manifestOf(row.manifest),
    fit: JSON.parse(row.fit) as StoredFit,
    parameters: parametersOf(row.parameters),
    threshold: row.threshold,
    grid: gridOf(row.grid),
    provider: row.provider,
    reason: row.reason,
    completion: row.completion ?? null,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    workedMs: row.worked_ms,
    software: row.software,
    usage: row.usage == null ? null : remoteUsageSchema.parse(JSON.parse(row.usage)),
    scene: row.scene == null ? null : sceneDescriptionSchema.parse(JSON.parse(row.scene)),
  };
}

export class RunStore {
  readonly #db: Db;
  /** Asked for ten times a second while a run goes on. */
  #get: Statement | null = null;

  constructor(db: Db) {
    this.#db = db;
  }

  create(run: NewRun, at: string): number {
    const result = this.#db
      .prepare(
        `INSERT INTO run (image, state, step, model_path, model_sha256, manifest, fit, parameters, threshold, grid, created_at, software)
         VALUES (1, 'running', 'preprocess', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        run.modelPath,
        run.modelSha256,
        JSON.stringify(run.manifest),
        JSON.stringify(run.fit),
        JSON.stringify(run.parameters),
        run.threshold,
        JSON.stringify(run.grid),
        at,
        run.software,
      );
    return Number(result.lastInsertRowid);
  }

  list(): StoredRun[] {
    return (this.#db.prepare('SELECT * FROM run ORDER BY no').all() as RunRow[]).map(fromRow);
  }

  get(no: number): StoredRun {
    this.#get ??= this.#db.prepare('SELECT * FROM run WHERE no = ?');
    const row = this.#get.get(no) as RunRow | undefined;
    if (!row) throw new GigatileError('run-not-found', `This case has no run ${no}`);
    return fromRow(row);
  }

  /**
   * @throws {GigatileError} conflict where the run is in none of the expected states: somebody else moved it.
   */
  transition(
    no: number,
    from: readonly RunState[],
    change: { state: RunState; step?: RunStep; reason?: string | null; finishedAt?: string | null },
  ): void {
    const marks = from.map(() => '?').join(',');
    const result = this.#db
      .prepare(
        `UPDATE run SET state = ?, step = coalesce(?, step), reason = ?, finished_at = ? WHERE no = ? AND state IN (${marks})`,
      )
      .run(change.state, change.step ?? null, change.reason ?? null, change.finishedAt ?? null, no, ...from);
    if (result.changes !== 1) {
      throw new GigatileError(
        'conflict',
        `Run ${no} cannot become ${change.state}: it is ${this.get(no).state}`,
      );
    }
  }

  /** Moves a running run to its next step; the checkpoint between the four steps. */
  advance(no: number, from: RunStep, to: RunStep): void {
    const result = this.#db
      .prepare("UPDATE run SET step = ? WHERE no = ? AND step = ? AND state = 'running'")
      .run(to, no, from);
    if (result.changes !== 1) {
      throw new GigatileError(
        'conflict',
        `Run ${no} cannot go from ${from} to ${to}: it is at ${this.get(no).step}`,
      );
    }
  }

  /** Takes the run up: a new epoch, so that nothing from before can write any more. Returns it. */
  beginEpoch(no: number): number {
    this.#db.prepare('UPDATE run SET epoch = epoch + 1 WHERE no = ?').run(no);
    return this.get(no).epoch;
  }

  /** The model of this content (the run's own, or its content gate's) is at another place now. */
  setModelPath(no: number, sha256: string, path: string): void {
    const { fit, modelSha256 } = this.get(no);
    if (modelSha256 === sha256) {
      this.#db.prepare('UPDATE run SET model_path = ? WHERE no = ?').run(path, no);
    }
    if (fit.gate?.modelSha256 === sha256) {
      const moved = JSON.stringify({ ...fit, gate: { ...fit.gate, modelPath: path } });
      this.#db.prepare('UPDATE run SET fit = ? WHERE no = ?').run(moved, no);
    }
  }

  /** How the model is used in this run: what was found out about the image before the first tile. */
  setManifest(no: number, manifest: ModelManifest): void {
    this.#db.prepare('UPDATE run SET manifest = ? WHERE no = ?').run(JSON.stringify(manifest), no);
  }

  setProvider(no: number, provider: string): void {
    this.#db.prepare('UPDATE run SET provider = ? WHERE no = ?').run(provider, no);
  }

  /** What was found out about the run after it was made, for the person and the report; each sentence once. */
  addNotes(no: number, notes: readonly string[]): void {
    const { fit } = this.get(no);
    const added = notes.filter((note) => !fit.notes.includes(note));
    if (added.length === 0) return;
    const text = JSON.stringify({ ...fit, notes: [...fit.notes, ...added] });
    this.#db.prepare('UPDATE run SET fit = ? WHERE no = ?').run(text, no);
  }

  setUsage(no: number, usage: RemoteUsage): void {
    this.#db.prepare('UPDATE run SET usage = ? WHERE no = ?').run(JSON.stringify(usage), no);
  }

  setScene(no: number, scene: SceneDescription): void {
    this.#db.prepare('UPDATE run SET scene = ? WHERE no = ?').run(JSON.stringify(scene), no);
  }

  /** null: it is not at its end any more. */
  setCompletion(no: number, completion: Completion | null): void {
    this.#db.prepare('UPDATE run SET completion = ? WHERE no = ?').run(completion, no);
  }

  /** What a person changed about a run after it began; the rest of its parameters stay. */
  setParameters(no: number, change: Pick<RunParameters, 'workers' | 'minSuccessful' | 'queue'>): void {
    const parameters = JSON.stringify({ ...this.get(no).parameters, ...change });
    this.#db.prepare('UPDATE run SET parameters = ? WHERE no = ?').run(parameters, no);
  }

  setBudget(no: number, budget: Budget): void {
    const parameters = JSON.stringify({ ...this.get(no).parameters, budget });
    this.#db.prepare('UPDATE run SET parameters = ? WHERE no = ?').run(parameters, no);
  }

  addWorked(no: number, milliseconds: number): void {
    this.#db
      .prepare('UPDATE run SET worked_ms = worked_ms + ? WHERE no = ?')
      .run(Math.round(milliseconds), no);
  }
}
