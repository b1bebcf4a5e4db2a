/**
 * Where prepared images are kept, how much room they may take, and how large an image without tiles may be: from the
 * environment, because workers are processes of their own that nobody hands arguments to.
 *
 * - `GIGATILE_CACHE_DIR`: the folder. Else `cache` in `GIGATILE_DATA_DIR`, else what the system means for caches.
 * - `GIGATILE_CACHE_LIMIT`: bytes, or with a unit (`500 MB`, `20GB`). Else 20 GB, or a quarter of the room that there is where
 *   that is less.
 * - `GIGATILE_MAX_IN_MEMORY`: bytes, or with a unit: images without tiles that take more are prepared. Else 96 MiB.
 * - `GIGATILE_MAX_FLAT_PIXELS`: pixels of an image without tiles, plain or as `4G`, `900M`. Else 4 gigapixels.
 */
import { mkdirSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';

export interface CacheSettings {
  folder: string;
  /** null: the default, which depends on the disk. */
  limitBytes: number | null;
}

export const defaultMaxFlatPixels = 4_000_000_000;
const defaultLimitBytes = 20e9;
const defaultShare = 0.25;

const bytesPattern = /^([\d.]+)\s*(k|m|g|t)?i?b?$/i;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {GigatileError} usage where a variable says nothing that can be meant */
export function cacheSettings(env: Environment = process.env): CacheSettings {
  return {
    folder: cacheFolder(env),
    limitBytes: amount(env, 'GIGATILE_CACHE_LIMIT', bytesPattern),
  };
}

/** @throws {GigatileError} usage */
export function maxFlatPixels(env: Environment = process.env): number {
  return amount(env, 'GIGATILE_MAX_FLAT_PIXELS', /^([\d.]+)\s*(k|m|g|t)?$/i) ?? defaultMaxFlatPixels;
}

/** undefined: the default. @throws {GigatileError} usage */
export function maxInMemory(env: Environment = process.env): number | undefined {
  return amount(env, 'GIGATILE_MAX_IN_MEMORY', bytesPattern) ?? undefined;
}

function cacheFolder(env: Environment): string {
  const chosen = env['GIGATILE_CACHE_DIR'];
  if (chosen) return resolve(chosen);
  const data = env['GIGATILE_DATA_DIR'];
  if (data) return resolve(data, 'cache');
  if (process.platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Gigatile', 'cache');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Gigatile');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gigatile');
}

const units: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function amount(env: Environment, name: string, pattern: RegExp): number | null {
  const text = env[name]?.trim();
  if (!text) return null;
  const [, digits = '', unit = ''] = pattern.exec(text) ?? [];
  const value = digits === '' ? Number.NaN : Number(digits) * (units[unit.toLowerCase()] ?? 1);
  if (Number.isFinite(value) && value >= 0) return Math.floor(value);
  throw new GigatileError('usage', `${name} is "${text}", which is no amount`, {
    hint: 'Write a number, with a unit where it is large: 20G, 500M.',
  });
}

/** Bytes that all prepared images together may take. `used`: what they take now, which counts as room. */
export function cacheLimit(settings: CacheSettings, used: number): number {
  if (settings.limitBytes !== null) return settings.limitBytes;
  mkdirSync(settings.folder, { recursive: true });
  const { bavail, bsize } = statfsSync(settings.folder);
  return Math.min(defaultLimitBytes, (bavail * bsize + used) * defaultShare);
}
