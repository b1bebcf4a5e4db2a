/**
 * sharp, in its native build or in its WebAssembly build. Which one is said by `GIGATILE_SHARP`: inside of Electron on Linux the
 * native one can crash, since it and the window's GTK bring the same symbols (electron/codec-switch.ts tries it out before).
 */
import { registerHooks } from 'node:module';
import type Sharp from 'sharp';
import type { ImageInfo } from '../../contract/image.ts';

export type SharpBuild = 'native' | 'wasm';

const nativeBuild = /^@img\/sharp-(?!wasm32)[a-z0-9]+-[a-z0-9]+\/sharp\.node$/;
const wasmBuild = /^@img\/sharp-wasm32\/sharp\.node$/;

/** sharp looks for its native build first, and then by itself for this one: the first is not found from here on. */
function hideNativeBuild(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (nativeBuild.test(specifier)) {
        throw Object.assign(new Error(`${specifier} is not used: GIGATILE_SHARP is wasm`), {
          code: 'MODULE_NOT_FOUND',
        });
      }
      const found = next(specifier, context);
      // It starts threads from its own file, which must be a real one and not lie in an archive.
      return wasmBuild.test(specifier)
        ? { ...found, url: found.url.replace('/app.asar/', '/app.asar.unpacked/') }
        : found;
    },
  });
}

let loading: Promise<typeof Sharp> | null = null;

/** The same each time. @throws what loading it throws */
export function loadSharp(): Promise<typeof Sharp> {
  loading ??= (async () => {
    if (process.env['GIGATILE_SHARP'] === 'wasm') hideNativeBuild();
    const sharp = (await import('sharp')).default;
    // Gigatile keeps decoded tiles itself, and runs several workers: libvips should do neither.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  })();
  return loading;
}

/** Whether libvips' WebAssembly build decodes an open image. It is not loaded for an answer: not where it decodes none of it. */
export async function decodesByWasm({
  compression,
  bands,
}: Pick<ImageInfo, 'compression' | 'bands'>): Promise<boolean> {
  // An image without tiles has it loaded by being opened.
  const isLoaded = loading !== null;
  const decodesTiles = compression === 'webp' || (compression === 'jpeg' && bands === 4);
  return (isLoaded || decodesTiles) && usesWasm();
}

export async function usesWasm(): Promise<boolean> {
  try {
    return buildOf(await loadSharp()) === 'wasm';
  } catch {
    // It is not there at all, which whoever needs it says.
    return false;
  }
}

/** Which one was loaded: where there is no native one, sharp takes the other without a word. */
export function buildOf(sharp: typeof Sharp): SharpBuild {
  return 'emscripten' in sharp.versions ? 'wasm' : 'native';
}
