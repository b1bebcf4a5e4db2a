/** The cases that are open, and those that were. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { RecentCase } from '../contract/api.ts';
import { GigatileError } from '../contract/errors.ts';
import type { SecretSource } from '../remote/secrets.ts';
import { CaseFile } from '../store/case-file.ts';
import { lockOwner } from '../store/case-lock.ts';
import { isUrl, parseImageUrl } from '../core/image-address.ts';
import { caseName, casesFolder, imageNameOf } from './case-location.ts';
import { CaseSession, type CaseSessionOptions } from './case-session.ts';
import { Execution } from './execution.ts';
import type { FileRegistry } from './file-registry.ts';
import type { FleetChoice } from './fleet-choice.ts';
import type { ImageService } from './image-service.ts';
import type { EngineOptions } from './shell.ts';

const recentLimit = 12;

export class CaseLibrary {
  readonly #options: EngineOptions;
  readonly #files: FileRegistry;
  readonly #images: ImageService;
  readonly #fleets: FleetChoice;
  readonly #execution: Execution;
  readonly #byId = new Map<string, CaseSession>();
  /** Those that somebody looks at; the others are a batch's, and are closed when it has done with them. */
  readonly #kept = new Set<string>();
  /** How many work at a case that nobody looks at, by path. */
  readonly #borrowers = new Map<string, number>();
  readonly #closing = new Map<string, Promise<void>>();
  /** By path, so that two screens that open one case share it, also while it is still being opened. */
  readonly #byPath = new Map<string, Promise<CaseSession>>();

  /** @param secrets keys of endpoints */
  constructor(
    options: EngineOptions,
    files: FileRegistry,
    images: ImageService,
    fleets: FleetChoice,
    secrets: SecretSource,
  ) {
    this.#options = options;
    this.#files = files;
    this.#images = images;
    this.#fleets = fleets;
    this.#execution = new Execution({ ...options, secrets });
  }

  /** Of endpoints: the person's, then the environment's. */
  get keys(): SecretSource {
    return this.#execution.secrets;
  }

  /** @throws {GigatileError} run-not-found where the id was never handed out */
  get(caseId: string): CaseSession {
    const session = this.#byId.get(caseId);
    if (!session) {
      throw new GigatileError('file-not-found', 'This case is not open any more', { hint: 'Open it again.' });
    }
    return session;
  }

  /**
   * Opens an image by its path or address, or a case by its path. `casePath` names the case file of an image, else the default
   * place is used.
   */
  async open(path: string, casePath?: string, onlyLook = false): Promise<CaseSession> {
    const absolute = isUrl(path) ? parseImageUrl(path).href : resolve(path);
    if (!isUrl(path) && !existsSync(absolute)) {
      throw new GigatileError('file-not-found', 'There is no such file', { where: path });
    }
    if (!isUrl(path) && absolute.endsWith('.gigatile')) return this.openCase(absolute, undefined, onlyLook);
    const at = casePath === undefined ? await this.#casePathOf(absolute) : resolve(casePath);
    this.#kept.add(at);
    const session = await this.#once(at, (options) => CaseSession.forImage(options, absolute, at));
    if (absolute !== session.image.path) await session.relocate(absolute);
    return session;
  }

  /**
   * Opens a case file, whatever it is called; with `imagePath`, its image is at that place (or address) now; with `onlyLook` also one
   * that another program works on.
   */
  async openCase(path: string, imagePath?: string, onlyLook = false): Promise<CaseSession> {
    const absolute = resolve(path);
    const image =
      imagePath === undefined || isUrl(imagePath)
        ? imagePath && parseImageUrl(imagePath).href
        : resolve(imagePath);
    this.#kept.add(absolute);
    const session = await this.#once(absolute, (options) =>
      CaseSession.forCase(options, absolute, image, onlyLook),
    );
    if (image !== undefined && session.image.path !== image) await session.relocate(image);
    return session;
  }

  /**
   * The case of an image (or a case by its path), for as long as a batch works at it; to be given back.
   * @param folder where the cases lie; null: the usual place
   */
  async borrow(path: string, folder: string | null): Promise<CaseSession> {
    const absolute = isUrl(path) ? path : resolve(path);
    if (absolute.endsWith('.gigatile') && !isUrl(path)) {
      return this.#borrowed(absolute, (options) => CaseSession.forCase(options, absolute));
    }
    const at = await this.#casePathOf(absolute, folder ?? undefined);
    return this.#borrowed(at, (options) => CaseSession.forImage(options, absolute, at));
  }

  async #borrowed(
    path: string,
    open: (options: CaseSessionOptions) => Promise<CaseSession>,
  ): Promise<CaseSession> {
    this.#borrowers.set(path, (this.#borrowers.get(path) ?? 0) + 1);
    try {
      return await this.#once(path, open);
    } catch (error) {
      this.#returned(path);
      throw error;
    }
  }

  /** @returns how many still work at it */
  #returned(path: string): number {
    const left = (this.#borrowers.get(path) ?? 1) - 1;
    if (left > 0) this.#borrowers.set(path, left);
    else this.#borrowers.delete(path);
    return left;
  }

  /** Closes a borrowed case, unless a screen has it open too, or somebody else works at it. */
  async giveBack(session: CaseSession): Promise<void> {
    const { path } = session.file;
    if (this.#returned(path) > 0) return;
    if (this.#kept.has(path) || session.activeRuns().length > 0) return;
    this.#byId.delete(session.id);
    this.#byPath.delete(path);
    const closing = session.close().finally(() => this.#closing.delete(path));
    this.#closing.set(path, closing);
    await closing;
    this.#images.release(session.image.path);
  }

  async #casePathOf(imagePath: string, folder = casesFolder(this.#options.dataDir)): Promise<string> {
    const { fingerprint } = await this.#images.open(imagePath);
    return join(folder, caseName(imageNameOf(imagePath), fingerprint));
  }

  /**
   * Puts the newest sound backup in the place of a damaged case.
   * @throws {GigatileError} conflict where the case is open here; see CaseFile.restore
   */
  restore(path: string): { at: string; aside: string | null } {
    if (this.#byPath.has(path)) {
      throw new GigatileError('conflict', 'This case is open: it was not damaged when it was opened', {
        where: basename(path),
        hint: 'Close the window first.',
      });
    }
    const { backup, aside } = CaseFile.restore(path);
    return { at: backup.at.toISOString(), aside: aside === null ? null : basename(aside) };
  }

  async #once(
    path: string,
    open: (options: CaseSessionOptions) => Promise<CaseSession>,
  ): Promise<CaseSession> {
    const known = this.#byPath.get(path);
    const session = await known;
    if (session !== undefined && session.readOnly === undefined) return session;
    const meanwhile = this.#byPath.get(path);
    if (meanwhile !== undefined && meanwhile !== known) return meanwhile;
    // One that could only be looked at is opened anew: by now it may be possible to work on it.
    if (session !== undefined) this.#byId.delete(session.id);
    const before = session?.close() ?? this.#closing.get(path);
    const opening = (before ?? Promise.resolve()).then(() =>
      open({
        id: randomBytes(9).toString('base64url'),
        host: this.#options.host,
        images: this.#images,
        modelsDir: this.#options.modelsDir,
        version: this.#options.version,
        fleet: () => this.#fleets.current(),
        modelCache: join(this.#options.dataDir, 'queue-models'),
        execution: this.#execution,
      }),
    );
    this.#byPath.set(path, opening);
    opening.then(
      (opened) => this.#byId.set(opened.id, opened),
      // What could not be opened is tried afresh the next time; the caller gets the error.
      () => this.#byPath.delete(path),
    );
    return opening;
  }

  /** Cases in the default place, newest first. One that cannot be read is left out of the list, not of the disk. */
  recent(): RecentCase[] {
    const folder = casesFolder(this.#options.dataDir);
    if (!existsSync(folder)) return [];
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith('.gigatile'))
      .map((name) => ({ path: join(folder, name), modified: statSync(join(folder, name)).mtime }))
      .sort((a, b) => b.modified.getTime() - a.modified.getTime())
      .slice(0, recentLimit);
    return newest.flatMap(({ path, modified }) => {
      const summary = this.#summary(path);
      return summary
        ? [{ ...summary, fileId: this.#files.register(path), modified: modified.toISOString() }]
        : [];
    });
  }

  #summary(path: string): Omit<RecentCase, 'fileId' | 'modified'> | null {
    let file: CaseFile | undefined;
    try {
      file = CaseFile.openReadOnly(path);
      const runs = file.runs.list();
      const image = file.image();
      const last = runs.at(-1)?.state ?? null;
      return {
        name: basename(path),
        imageName: image?.name ?? 'no image',
        runs: runs.length,
        lastRunState: last === 'running' && !this.#isAtWork(path) ? 'interrupted' : last,
        hasPicture: image?.thumbnail != null,
      };
    } catch (error) {
      if (error instanceof GigatileError) return null;
      throw error;
    } finally {
      file?.close();
    }
  }

  /** Of its image, as the case holds it; null where it holds none. */
  picture(fileId: string): Uint8Array | null {
    const file = CaseFile.openReadOnly(this.#files.resolve(fileId));
    try {
      return file.image()?.thumbnail ?? null;
    } finally {
      file.close();
    }
  }

  /** A run that its file calls running goes on only where somebody has the case open. */
  #isAtWork(path: string): boolean {
    return this.#byPath.has(path) || lockOwner(path) !== null;
  }

  /** Those that are open now. */
  sessions(): CaseSession[] {
    return [...this.#byId.values()];
  }

  activeRuns(): number {
    return [...this.#byId.values()].reduce((sum, session) => sum + session.activeRuns().length, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((session) => session.close()));
    this.#byId.clear();
    this.#byPath.clear();
  }
}
