/** Whether a bundle, folder or zip, is what its manifest says. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Unzip, UnzipInflate } from 'fflate';
import { GigatileError } from '../../contract/errors.ts';
import { bundleManifestSchema, manifestName, type BundleManifest } from './manifest.ts';

export type BundleVerdict = 'same' | 'changed' | 'missing' | 'extra';

export interface CheckedFile {
  name: string;
  verdict: BundleVerdict;
  /** Hex; null where the file, or the manifest's word on it, is not there. */
  expected: string | null;
  found: string | null;
}

export interface CheckedBundle {
  manifest: BundleManifest;
  /** SHA-256 of the manifest itself: what to write down elsewhere. */
  manifestSha256: string;
  files: CheckedFile[];
}

/** A manifest is small; what is larger is none. */
const longestManifest = 16 * 2 ** 20;

interface Found {
  sha256: Map<string, string>;
  manifest: string | null;
}

/** @throws {GigatileError} file-not-found, file-unreadable, or format-unknown where it is no bundle */
export async function checkBundle(path: string): Promise<CheckedBundle> {
  if (!existsSync(path)) {
    throw new GigatileError('file-not-found', 'There is no such file or folder', { where: path });
  }
  const found = statSync(path).isDirectory() ? await readFolder(path) : await readZip(path);
  if (found.manifest === null) throw noBundle(path, `it has no ${manifestName}`);
  const manifest = parse(found.manifest, path);
  const expected = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]));
  const names = new Set([...expected.keys(), ...found.sha256.keys()]);
  names.delete(manifestName);
  return {
    manifest,
    manifestSha256: found.sha256.get(manifestName) ?? '',
    files: [...names].toSorted().map((name) => {
      const known = expected.get(name) ?? null;
      const is = found.sha256.get(name) ?? null;
      const verdict = known === null ? 'extra' : is === null ? 'missing' : is === known ? 'same' : 'changed';
      return { name, verdict, expected: known, found: is };
    }),
  };
}

function parse(text: string, path: string): BundleManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw noBundle(path, `its ${manifestName} is no JSON`, error);
  }
  const parsed = bundleManifestSchema.safeParse(json);
  if (!parsed.success) throw noBundle(path, `its ${manifestName} is not one of a bundle`, parsed.error);
  return parsed.data;
}

function noBundle(path: string, why: string, cause?: unknown): GigatileError {
  return new GigatileError('format-unknown', `This is no bundle: ${why}`, {
    where: basename(path),
    hint: 'Bundles are made by "gigatile export <case> --format bundle --out <folder|file.zip>".',
    cause,
  });
}

async function readFolder(path: string): Promise<Found> {
  const found: Found = { sha256: new Map(), manifest: null };
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const full = join(entry.parentPath, entry.name);
    const name = full.slice(path.length).replaceAll('\\', '/').replace(/^\/+/, '');
    const collect = new Collector(name === manifestName);
    for await (const chunk of createReadStream(full) as AsyncIterable<Uint8Array>) collect.add(chunk);
    collect.into(found, name);
  }
  return found;
}

/** Hashes a file as it comes, and keeps the manifest's text. */
class Collector {
  readonly #hash = createHash('sha256');
  readonly #kept: Uint8Array[] = [];
  readonly #keeps: boolean;
  #size = 0;

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.byteLength;
    if (this.#keeps && this.#size <= longestManifest) this.#kept.push(chunk);
  }

  into(found: Found, name: string): void {
    found.sha256.set(name, this.#hash.digest('hex'));
    if (this.#keeps) found.manifest = Buffer.concat(this.#kept).toString('utf8');
  }
}

async function readZip(path: string): Promise<Found> {
  const found: Found = { sha256: new Map(), manifest: null };
  let failure: Error | null = null;
  let entries = 0;
  const open = new Set<string>();
  const unzip = new Unzip((file) => {
    entries++;
    const collect = new Collector(file.name === manifestName);
    open.add(file.name);
    file.ondata = (error, chunk, isLast) => {
      failure ??= error;
      collect.add(chunk);
      if (!isLast) return;
      open.delete(file.name);
      // Of two entries of one name, one is not what the manifest speaks of.
      collect.into(found, found.sha256.has(file.name) ? `${file.name} (again)` : file.name);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      unzip.push(chunk);
      // A file that is no archive shows it at once.
      if (failure !== null) throw failure;
    }
    unzip.push(new Uint8Array(0), true);
  } catch (error) {
    throw noBundle(path, 'it cannot be unpacked', error);
  }
  if (entries === 0) throw noBundle(path, 'it is no zip archive');
  if (open.size > 0) throw noBundle(path, `it ends in the middle of ${[...open].join(', ')}`);
  return found;
}
