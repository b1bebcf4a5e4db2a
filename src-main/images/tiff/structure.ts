/**
 * The structure of a TIFF or BigTIFF file: its directories (IFDs) and their tags, values read when asked for.
 * TIFF 6.0; BigTIFF as in libtiff's design note. A slide is untrusted input: every offset and count is checked against the
 * file before anything is allocated, and a chain of directories that bites its tail is an error.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import { decodeNumbers, decodeOffsets, typeSize } from './tag-values.ts';
import type { OffsetArray } from './tag-values.ts';
import { tag as tags } from './tags.ts';

/** More directories than any real file has (a z-stack of 64 channels and 256 planes has 16,384). */
const maxDirectories = 65_536;
/** More tags than any real directory has. */
const maxTags = 4_096;
/** Descriptions, OME-XML and GDAL metadata stay far below this. */
const maxTextBytes = 64 * 1024 * 1024;

interface TagEntry {
  type: number;
  count: number;
  /** Where the value's bytes lie in the file (inside the entry itself where they fit). */
  offset: number;
  bytes: number;
  /** NDPI: what stands above the 32 bits of a single number inside the entry, times 2^32; else 0. */
  high: number;
}

const asciiType = 2;
const longType = 4;

/** One directory. Values are read from the file at each call: keep what is needed often. */
export class TiffDirectory {
  /** `IFD 0`, `IFD 0 SubIFD 2`: for messages. */
  readonly label: string;
  readonly offset: number;
  readonly tiff: TiffStructure;
  readonly #entries: ReadonlyMap<number, TagEntry>;

  constructor(tiff: TiffStructure, label: string, offset: number, entries: ReadonlyMap<number, TagEntry>) {
    this.tiff = tiff;
    this.label = label;
    this.offset = offset;
    this.#entries = entries;
  }

  get where(): string {
    return `${this.tiff.file.name}, ${this.label}`;
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0;
  }

  /** The raw bytes of a value; null where the tag is absent. */
  bytes(tag: number): Buffer | null {
    const entry = this.#entries.get(tag);
    return entry === undefined ? null : this.#read(tag, entry);
  }

  /** All numbers of a value; empty where the tag is absent. For short values: see `offsets` for tables. */
  numbers(tag: number): number[] {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return [];
    const values = decodeNumbers(this.#read(tag, entry), entry.type, entry.count, this.tiff.littleEndian);
    return entry.high === 0 ? values : values.map((value) => value + entry.high);
  }

  /** The first number of a value, or `otherwise` where the tag is absent. Only that number is read. */
  number<T>(tag: number, otherwise: T): number | T {
    const entry = this.#entries.get(tag);
    if (entry === undefined || entry.count === 0) return otherwise;
    const bytes = typeSize(entry.type);
    const head = this.#read(tag, { ...entry, count: 1, bytes });
    const value = decodeNumbers(head, entry.type, 1, this.tiff.littleEndian)[0];
    return value === undefined ? otherwise : value + entry.high;
  }

  /** A text without its closing zeros; null where the tag is absent. UTF-8, which ASCII is too. */
  text(tag: number): string | null {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return null;
    if (entry.bytes > maxTextBytes) {
      throw this.error(`Tag ${tag} claims a text of ${entry.bytes} bytes`);
    }
    const bytes = this.#read(tag, entry);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return bytes.toString('utf8', 0, end);
  }

  /** A table of tile offsets or byte counts in a typed array. */
  offsets(tag: number): OffsetArray | null {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return null;
    const table = decodeOffsets(this.#read(tag, entry), entry.type, entry.count, this.tiff.littleEndian);
    if (table === null) throw this.error(`Tag ${tag} has type ${entry.type}, which no table of offsets has`);
    return entry.high === 0 ? table : Float64Array.from(table, (value) => value + entry.high);
  }

  /** Directories that hang below this one (tag 330), in the file's order. */
  subDirectories(): TiffDirectory[] {
    return this.tiff.readSubDirectories(this);
  }

  error(message: string): GigatileError {
    return new GigatileError('image-corrupt', message, {
      where: this.where,
      hint: 'The file is damaged or was not copied completely.',
    });
  }

  #read(tag: number, entry: TagEntry): Buffer {
    return this.tiff.file.read(entry.offset, entry.bytes, `${this.label}: the value of tag ${tag}`);
  }
}

export class TiffStructure {
  readonly file: ImageFile;
  readonly littleEndian: boolean;
  readonly big: boolean;
  /**
   * Hamamatsu's classic TIFF with 64-bit offsets: pointers to directories have 8 bytes, and the upper 4 bytes of the entries'
   * values follow the directory, one after the other.
   */
  readonly ndpi: boolean;
  /** The main chain. */
  readonly directories: readonly TiffDirectory[];

  /** @throws {GigatileError} image-corrupt */
  constructor(file: ImageFile) {
    this.file = file;
    const head = file.read(0, Math.min(16, file.size), 'The TIFF header');
    this.littleEndian = head[0] === 0x49;
    const magic = head.length < 8 ? 0 : this.#u16(head, 2);
    if ((magic !== 42 && magic !== 43) || head[0] !== head[1] || (head[0] !== 0x49 && head[0] !== 0x4d)) {
      throw new GigatileError('image-corrupt', 'The TIFF header is damaged', { where: file.name });
    }
    this.big = magic === 43;
    if (this.big && (head.length < 16 || this.#u16(head, 4) !== 8)) {
      throw new GigatileError('image-corrupt', 'The BigTIFF header is damaged', { where: file.name });
    }
    this.ndpi = this.#isNdpi(head);
    const first = this.big ? this.#u64(head, 8) : this.ndpi ? this.#u64(head, 4) : this.#u32(head, 4);
    this.directories = this.#readChain(first, (index) => `IFD ${index}`);
    if (this.directories.length === 0) {
      throw new GigatileError('image-corrupt', 'The TIFF file has no directory, so no image', {
        where: file.name,
      });
    }
  }

  readSubDirectories(parent: TiffDirectory): TiffDirectory[] {
    const offsets = parent.numbers(tags.subIfds);
    const label = (index: number): string => `${parent.label} SubIFD ${index}`;
    const [only] = offsets;
    // Some writers name the first one only and chain the others behind it; others name all of them and chain them too.
    if (offsets.length === 1 && only !== undefined) return this.#readChain(only, label);
    return offsets.map((offset, index) => this.#readDirectory(offset, label(index)).directory);
  }

  #readChain(first: number, label: (index: number) => string): TiffDirectory[] {
    const chain: TiffDirectory[] = [];
    const seen = new Map<number, number>();
    let offset = first;
    while (offset !== 0) {
      const earlier = seen.get(offset);
      if (earlier !== undefined) {
        throw new GigatileError(
          'image-corrupt',
          `The chain of TIFF directories is a loop: ${label(chain.length)} is ${label(earlier)} again (offset ${offset})`,
          { where: this.file.name, hint: 'The file is damaged.' },
        );
      }
      if (chain.length >= maxDirectories) {
        throw new GigatileError(
          'image-corrupt',
          `The file has more than ${maxDirectories} TIFF directories`,
          {
            where: this.file.name,
          },
        );
      }
      seen.set(offset, chain.length);
      const { directory, next } = this.#readDirectory(offset, label(chain.length));
      chain.push(directory);
      offset = next;
    }
    return chain;
  }

  /** Whether the header's pointer, taken as 64 bits, leads to a directory that has NDPI's own tag. */
  #isNdpi(head: Buffer): boolean {
    if (this.big || !this.littleEndian || head.length < 12) return false;
    const offset = this.#u64(head, 4);
    if (offset + 2 > this.file.size) return false;
    const count = this.#u16(this.file.read(offset, 2, 'IFD 0'), 0);
    if (count === 0 || count > maxTags || offset + 2 + count * 16 + 8 > this.file.size) return false;
    const entries = this.file.read(offset + 2, count * 12, 'IFD 0');
    for (let at = 0; at < entries.length; at += 12) {
      if (this.#u16(entries, at) === tags.ndpi) return true;
    }
    return false;
  }

  #readDirectory(offset: number, label: string): { directory: TiffDirectory; next: number } {
    const countBytes = this.big ? 8 : 2;
    const entryBytes = this.big ? 20 : 12;
    const inline = this.big ? 8 : 4;
    const head = this.file.read(offset, countBytes, label);
    const count = this.big ? this.#u64(head, 0) : this.#u16(head, 0);
    if (count === 0 || count > maxTags) {
      throw new GigatileError('image-corrupt', `${label} at offset ${offset} claims ${count} tags`, {
        where: this.file.name,
        hint: 'The file is damaged.',
      });
    }
    const nextAt = count * entryBytes;
    const body = this.file.read(offset + countBytes, nextAt + (this.ndpi ? 8 + count * 4 : inline), label);
    const entries = new Map<number, TagEntry>();
    for (let i = 0; i < count; i++) {
      const at = i * entryBytes;
      const type = this.#u16(body, at + 2);
      const valueCount = this.big ? this.#u64(body, at + 4) : this.#u32(body, at + 4);
      const bytes = typeSize(type) * valueCount;
      // Types of a later standard have size 0: a reader has to skip them.
      if (bytes === 0) continue;
      const valueAt = at + (this.big ? 12 : 8);
      const pointer = this.big ? this.#u64(body, valueAt) : this.#u32(body, valueAt);
      const number = this.#u16(body, at);
      const upper = this.ndpi ? this.#u32(body, nextAt + 8 + i * 4) * 2 ** 32 : 0;
      // NDPI keeps even short texts outside of the entry.
      const isInside = bytes <= inline && !(this.ndpi && type === asciiType);
      if (!entries.has(number)) {
        entries.set(number, {
          type,
          count: valueCount,
          bytes,
          offset: isInside ? offset + countBytes + valueAt : pointer + upper,
          high: isInside && type === longType && valueCount === 1 ? upper : 0,
        });
      }
    }
    return {
      directory: new TiffDirectory(this, label, offset, entries),
      next: this.big || this.ndpi ? this.#u64(body, nextAt) : this.#u32(body, nextAt),
    };
  }

  #u16(bytes: Buffer, at: number): number {
    return this.littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  #u32(bytes: Buffer, at: number): number {
    return this.littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  /** Above 2^53 the number is not exact, but then it lies beyond the end of any file and is refused as such. */
  #u64(bytes: Buffer, at: number): number {
    return this.littleEndian
      ? bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
      : bytes.readUInt32BE(at + 4) + bytes.readUInt32BE(at) * 2 ** 32;
  }
}
