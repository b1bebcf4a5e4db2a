/** The batches of this data folder: those that go on, those that wait to be gone on with, those that have ended. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { BatchSummary } from '../../contract/batch.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { RunParameters } from '../../contract/run.ts';
import { isUrl, withoutSecrets } from '../../core/image-address.ts';
import { findModel } from '../../models/find-models.ts';
import { consentNeeded } from '../../remote/consent.ts';
import { lockCase } from '../../store/case-lock.ts';
import { imageNameOf } from '../case-location.ts';
import type { CaseLibrary } from '../case-library.ts';
import { Batch, imagesAtOnce } from './batch.ts';
import { batchPaths, newItem, readBatch, writeBatch } from './batch-file.ts';
import type { StoredBatch } from './batch-file.ts';

export interface NewBatch {
  name: string;
  /** Paths and addresses, found before (find-images.ts). */
  images: readonly string[];
  /** Id of a built-in model, or a path. */
  model: string;
  parameters: RunParameters;
  consentBy: string | null;
}

interface Entry {
  batch: Batch;
  path: string;
  /** While it goes on: nobody else may. */
  unlock: (() => void) | null;
}

export class BatchLibrary {
  readonly #folder: string;
  readonly #modelsDir: string;
  readonly #cases: CaseLibrary;
  readonly #entries = new Map<string, Entry>();
  /** Files that could not be read, by name. */
  #damaged: string[] = [];
  #isLoaded = false;

  constructor(options: { dataDir: string; modelsDir: string }, cases: CaseLibrary) {
    this.#folder = join(options.dataDir, 'batches');
    this.#modelsDir = options.modelsDir;
    this.#cases = cases;
  }

  /** Newest first. */
  list(): { batches: BatchSummary[]; damaged: string[] } {
    this.#load();
    const batches = [...this.#entries.values()].map(({ batch }) => batch.summary());
    batches.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return { batches, damaged: this.#damaged };
  }

  /** @throws {GigatileError} file-not-found */
  get(id: string): Batch {
    return this.#entry(id).batch;
  }

  isKnown(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Those that this program goes on with. */
  running(): Batch[] {
    return [...this.#entries.values()].map(({ batch }) => batch).filter((batch) => batch.isActive);
  }

  #entry(id: string): Entry {
    this.#load();
    const entry = this.#entries.get(id);
    if (!entry) throw new GigatileError('file-not-found', 'There is no such batch any more');
    return entry;
  }

  /**
   * Makes a batch, keeps it and begins it.
   * @throws {GigatileError} usage without images; model-not-found; consent-needed where the model is on another computer
   */
  async create({ name, images, model, parameters, consentBy }: NewBatch): Promise<Batch> {
    if (images.length === 0) throw new GigatileError('usage', 'A batch needs at least one image');
    const { manifest } = (await findModel(model, this.#modelsDir)).card;
    if (manifest.remote !== undefined && consentBy === null) throw consentNeeded(manifest, manifest.remote);
    const createdAt = new Date().toISOString();
    const id = `${createdAt.replaceAll(/[^0-9]/g, '').slice(0, 14)}-${randomBytes(6).toString('hex')}`;
    const stored: StoredBatch = {
      schema: 1,
      id,
      name,
      createdAt,
      model,
      modelName: manifest.name,
      parameters,
      casesIn: null,
      consentBy: manifest.remote === undefined ? null : consentBy,
      state: 'paused',
      reason: null,
      items: images.map((path) => newItem(path, imageNameOf(path))),
    };
    mkdirSync(this.#folder, { recursive: true });
    const path = join(this.#folder, `${id}.json`);
    writeBatch(path, kept(stored));
    const entry = this.#add(path, stored);
    this.start(entry.batch.id);
    return entry.batch;
  }

  /** Goes on with what is left. @throws {GigatileError} case-locked where another program does so already */
  start(id: string): void {
    this.#lock(this.#entry(id));
    this.get(id).start();
  }

  /** One image is let go on, or tried again. @throws as start */
  resumeItem(id: string, index: number): void {
    this.#lock(this.#entry(id));
    this.get(id).resumeItem(index);
  }

  /** @throws as start */
  retryFailed(id: string): void {
    this.#lock(this.#entry(id));
    this.get(id).retryFailed();
  }

  /** Takes it off the list; cases and what was found stay. @throws {GigatileError} conflict while it goes on */
  remove(id: string): void {
    const entry = this.#entry(id);
    if (entry.batch.isActive || entry.batch.state === 'running') {
      throw new GigatileError('conflict', 'This batch goes on', { hint: 'Pause or cancel it first.' });
    }
    entry.batch.reporting.refuseSecond();
    rmSync(entry.path, { force: true });
    entry.batch.watchable.close();
    this.#entries.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ batch }) => batch.close()));
    for (const entry of this.#entries.values()) this.#unlock(entry);
  }

  #lock(entry: Entry): void {
    if (entry.unlock) return;
    try {
      entry.unlock = lockCase(entry.path);
    } catch (error) {
      if (!(error instanceof GigatileError) || error.code !== 'case-locked') throw error;
      throw new GigatileError('case-locked', 'This batch goes on in another Gigatile', {
        hint: 'Close that one, or wait until it is through.',
        cause: error,
      });
    }
    void entry.batch.rests().then(() => this.#unlock(entry));
  }

  #unlock(entry: Entry): void {
    entry.unlock?.();
    entry.unlock = null;
  }

  #add(path: string, stored: StoredBatch): Entry {
    const batch = new Batch({
      batch: stored,
      cases: this.#cases,
      atOnce: imagesAtOnce(availableParallelism()),
      save: (changed) => writeBatch(path, kept(changed)),
    });
    const entry: Entry = { batch, path, unlock: null };
    this.#entries.set(stored.id, entry);
    return entry;
  }

  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    for (const path of batchPaths(this.#folder)) {
      try {
        this.#add(path, readBatch(path));
      } catch (error) {
        if (!(error instanceof GigatileError)) throw error;
        this.#damaged = [...this.#damaged, basename(path)];
      }
    }
  }
}

/** As it is kept: addresses can be credentials. */
function kept(batch: StoredBatch): StoredBatch {
  const items = batch.items.map((item) =>
    isUrl(item.path) ? { ...item, path: withoutSecrets(item.path) } : item,
  );
  return { ...batch, items };
}
