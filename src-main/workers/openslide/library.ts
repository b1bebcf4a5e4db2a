/** OpenSlide's C functions (openslide.h, API of 3.4 and 4.0), by koffi. Every call blocks: only workers may load this. */
import type Koffi from 'koffi';
import { GigatileError } from '../../contract/errors.ts';
import { installHint, libraryCandidates } from './find-library.ts';

/** An `openslide_t *`, as koffi gives pointers. */
export type Handle = bigint;

export interface OpenSlideLibrary {
  version: string;
  /** null: no format that it knows. */
  detectVendor(path: string): string | null;
  /** null: not a file that it knows, or no memory. One that failed otherwise has an error. */
  open(path: string): Handle | null;
  close(slide: Handle): void;
  error(slide: Handle): string | null;
  levelCount(slide: Handle): number;
  levelSize(slide: Handle, level: number): [width: number, height: number];
  levelDownsample(slide: Handle, level: number): number;
  propertyNames(slide: Handle): string[];
  property(slide: Handle, name: string): string | null;
  associatedNames(slide: Handle): string[];
  associatedSize(slide: Handle, name: string): [width: number, height: number];
  /** Premultiplied ARGB, a word of the machine's order a pixel. */
  readRegion(
    slide: Handle,
    target: Uint32Array,
    x: number,
    y: number,
    level: number,
    width: number,
    height: number,
  ): void;
  readAssociated(slide: Handle, name: string, target: Uint32Array): void;
}

let loading: Promise<OpenSlideLibrary> | null = null;

/** @throws {GigatileError} codec-missing, with what was tried and how to install it */
export function loadOpenSlide(): Promise<OpenSlideLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<OpenSlideLibrary> {
  let koffi: typeof Koffi;
  try {
    koffi = (await import('koffi')).default;
  } catch (cause) {
    throw new GigatileError('codec-missing', 'koffi, which calls OpenSlide, cannot be loaded', {
      hint: 'Install Gigatile again for this system (npm ci).',
      cause,
    });
  }
  const tried: string[] = [];
  for (const path of libraryCandidates()) {
    try {
      return bind(koffi, koffi.load(path));
    } catch (cause) {
      tried.push(`${path}: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}`);
    }
  }
  throw new GigatileError('codec-missing', 'OpenSlide is not installed, or cannot be loaded', {
    where: tried.join('; '),
    hint: installHint(),
  });
}

function bind(koffi: typeof Koffi, library: ReturnType<typeof Koffi.load>): OpenSlideLibrary {
  const call = (declaration: string): ((...args: unknown[]) => unknown) => library.func(declaration);
  const getVersion = call('const char *openslide_get_version(void)');
  const detect = call('const char *openslide_detect_vendor(const char *filename)');
  const open = call('void *openslide_open(const char *filename)');
  const close = call('void openslide_close(void *osr)');
  const getError = call('const char *openslide_get_error(void *osr)');
  const levelCount = call('int32_t openslide_get_level_count(void *osr)');
  const levelSize = call(
    'void openslide_get_level_dimensions(void *osr, int32_t level, _Out_ int64_t *w, _Out_ int64_t *h)',
  );
  const downsample = call('double openslide_get_level_downsample(void *osr, int32_t level)');
  const propertyNames = call('void *openslide_get_property_names(void *osr)');
  const property = call('const char *openslide_get_property_value(void *osr, const char *name)');
  const associatedNames = call('void *openslide_get_associated_image_names(void *osr)');
  const associatedSize = call(
    'void openslide_get_associated_image_dimensions(void *osr, const char *name, _Out_ int64_t *w, _Out_ int64_t *h)',
  );
  const readRegion = call(
    'void openslide_read_region(void *osr, void *dest, int64_t x, int64_t y, int32_t level, int64_t w, int64_t h)',
  );
  const readAssociated = call(
    'void openslide_read_associated_image(void *osr, const char *name, void *dest)',
  );

  /** A NULL-terminated `const char * const *`. */
  const strings = (list: unknown): string[] => {
    const found: string[] = [];
    for (let i = 0; ; i++) {
      const name: unknown = koffi.decode(list, i * koffi.sizeof('void *'), 'char *');
      if (typeof name !== 'string') return found;
      found.push(name);
    }
  };
  const pointer = (value: unknown): Handle | null => (typeof value === 'bigint' ? value : null);
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const size = (fill: (width: unknown[], height: unknown[]) => void): [number, number] => {
    const [width, height]: [unknown[], unknown[]] = [[null], [null]];
    fill(width, height);
    return [Number(width[0]), Number(height[0])];
  };
  return {
    version: text(getVersion()) ?? 'of unknown version',
    detectVendor: (path) => text(detect(path)),
    open: (path) => pointer(open(path)),
    close: (slide) => void close(slide),
    error: (slide) => text(getError(slide)),
    levelCount: (slide) => Number(levelCount(slide)),
    levelSize: (slide, level) => size((w, h) => levelSize(slide, level, w, h)),
    levelDownsample: (slide, level) => Number(downsample(slide, level)),
    propertyNames: (slide) => strings(propertyNames(slide)),
    property: (slide, name) => text(property(slide, name)),
    associatedNames: (slide) => strings(associatedNames(slide)),
    associatedSize: (slide, name) => size((w, h) => associatedSize(slide, name, w, h)),
    readRegion: (slide, target, x, y, level, width, height) =>
      void readRegion(slide, target, x, y, level, width, height),
    readAssociated: (slide, name, target) => void readAssociated(slide, name, target),
  };
}
