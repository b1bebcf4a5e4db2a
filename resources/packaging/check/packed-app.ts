/** What lies in a packed application: the archive, what is unpacked beside it, and the rest of its resources. */
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { extractFile, getRawHeader, type ArchiveHeader } from '@electron/asar';

export interface PackedFile {
  /** Below the application, with `/`. */
  path: string;
  bytes: number;
  isUnpacked: boolean;
}

type Entry = ArchiveHeader['header']['files'][string];

export class PackedApp {
  readonly archive: string;
  readonly files: readonly PackedFile[];
  readonly #resources: string;
  readonly #byPath: ReadonlyMap<string, PackedFile>;

  constructor(resources: string) {
    this.#resources = resources;
    this.archive = join(resources, 'app.asar');
    const files: PackedFile[] = [];
    const walk = (entries: Record<string, Entry>, folder: string): void => {
      for (const [name, entry] of Object.entries(entries)) {
        if ('files' in entry) walk(entry.files, `${folder}${name}/`);
        else if ('size' in entry) {
          files.push({ path: folder + name, bytes: entry.size, isUnpacked: entry.unpacked });
        }
      }
    };
    walk(getRawHeader(this.archive).header.files, '');
    this.files = files;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  get(path: string): PackedFile | undefined {
    return this.#byPath.get(path);
  }

  text(path: string): string {
    return this.get(path)?.isUnpacked === true
      ? readFileSync(join(`${this.archive}.unpacked`, path), 'utf8')
      : extractFile(this.archive, path.split('/').join(sep)).toString('utf8');
  }

  /** The first bytes of an unpacked file. */
  head(path: string, length: number): Buffer {
    const file = openSync(join(`${this.archive}.unpacked`, path), 'r');
    try {
      const head = Buffer.alloc(length);
      return head.subarray(0, readSync(file, head, 0, length, 0));
    } finally {
      closeSync(file);
    }
  }

  /** Resources outside of the archive, with `/`. */
  resources(): { path: string; bytes: number }[] {
    return readdirSync(this.#resources, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({
        path: relative(this.#resources, file).split(sep).join('/'),
        bytes: statSync(file).size,
      }))
      .filter(({ path }) => path !== 'app.asar' && !path.startsWith('app.asar.unpacked/'));
  }
}

/** `@scope/name` or `name` of a path in node_modules, with the packages around a nested one; null elsewhere. */
export function packageOf(path: string): string | null {
  const match = /^(?:.*\/)?node_modules\/(@[^/]+\/[^/]+|[^/@]+)\//.exec(path);
  return match === null ? null : path.slice(0, match[0].length - 1);
}
