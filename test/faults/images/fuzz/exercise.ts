/** Opens an image and reads of it what the application would; anything but a clear refusal is a defect. */
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import type { ErrorCode } from '../../../../src-main/contract/errors.ts';
import { imageInfoSchema } from '../../../../src-main/contract/image.ts';
import type { ImageSource } from '../../../../src-main/images/image-source.ts';
import { Chance } from './chance.ts';
import type { ProbeAnswer, ProbeRequest } from './probe-protocol.ts';

/** The ways in which a file may be refused: not `usage` (nobody used it wrongly), not `io` (the disk is fine), never `internal`. */
const fair = new Set<ErrorCode>([
  'image-corrupt',
  'image-unsupported',
  'image-too-large',
  'format-unknown',
  'file-unreadable',
]);

export type Verdict = Pick<ProbeAnswer, 'outcome' | 'refusedReads' | 'defects'>;

export async function exercise(
  open: (path: string) => Promise<ImageSource>,
  { path, names, seed }: Pick<ProbeRequest, 'path' | 'names' | 'seed'>,
  begin: (what: string) => void,
): Promise<Verdict> {
  const verdict: Verdict = { outcome: 'opened', refusedReads: [], defects: [] };
  /** The error's code; a defect is written down where it is none that a person could be told. */
  const judge = (what: string, error: unknown): string => {
    const defect = defectOf(error, names);
    if (defect !== null) verdict.defects.push(`${what}: ${defect}`);
    return error instanceof GigatileError ? error.code : 'raw';
  };
  const attempt = async (what: string, read: () => Promise<string | null>): Promise<void> => {
    begin(what);
    try {
      const wrong = await read();
      if (wrong !== null) verdict.defects.push(`${what}: ${wrong}`);
    } catch (error) {
      verdict.refusedReads.push(judge(what, error));
    }
  };
  let source: ImageSource;
  begin('open');
  try {
    source = await open(path);
  } catch (error) {
    verdict.outcome = judge('open', error);
    return verdict;
  }
  try {
    await readAll(source, new Chance(seed, 1), attempt);
  } finally {
    source.close();
  }
  return verdict;
}

function defectOf(error: unknown, names: readonly string[]): string | null {
  if (!(error instanceof GigatileError)) {
    return `raw ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 5).join(' | ') : String(error)}`;
  }
  if (!fair.has(error.code)) return `code ${error.code}: ${error.message} ${trace(error)}`;
  if (error.message.trim().length < 8) return `no message (${error.code})`;
  if (error.message.length > 1100) return `a message of ${error.message.length} characters`;
  const { where } = error;
  if (where === undefined || !names.some((name) => where.includes(name))) {
    return `where is ${where ?? 'missing'} for: ${error.message} ${trace(error)}`;
  }
  return null;
}

function trace(error: Error): string {
  return (error.stack ?? '').split('\n').slice(1, 4).join(' | ');
}

type Attempt = (what: string, read: () => Promise<string | null>) => Promise<void>;

async function readAll(source: ImageSource, chance: Chance, attempt: Attempt): Promise<void> {
  const { info } = source;
  const parsed = imageInfoSchema.safeParse(structuredClone(info));
  await attempt('info', () =>
    Promise.resolve(
      parsed.success
        ? null
        : `does not fit its schema: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}`,
    ),
  );
  await attempt('fingerprint', async () =>
    /^[0-9a-f]{64}$/.test(await source.fingerprint()) ? null : 'is no SHA-256',
  );
  for (const [level, { width, height }] of info.levels.slice(0, 6).entries()) {
    const places = [
      [0, 0],
      [Math.max(0, width - 40), Math.max(0, height - 40)],
      [chance.below(width), chance.below(height)],
      [-20, height - 8],
    ] as const;
    for (const [x, y] of places) {
      await attempt(`region of level ${level}`, async () => {
        const raster = await source.readRegion({ level, x, y, width: 64, height: 48 });
        return raster.data.length === 64 * 48 * info.bands && raster.dtype === info.dtype
          ? null
          : `gave ${raster.data.length} samples of ${raster.dtype}`;
      });
    }
  }
  const display = info.display.levels;
  for (const level of new Set([0, display.length - 1, chance.below(display.length)])) {
    const grid = display[level];
    if (grid === undefined) continue;
    const columns = Math.ceil(grid.width / grid.tileWidth);
    const rows = Math.ceil(grid.height / grid.tileHeight);
    // Derived levels of a giant are made from all of it; the time for that is the size's, not the damage's.
    if (level > 0 && info.width * info.height > 64e6 && level >= info.levels.length) continue;
    for (const [column, row] of [
      [0, 0],
      [columns - 1, rows - 1],
      [chance.below(columns), chance.below(rows)],
    ] as const) {
      await attempt(`display tile of level ${level}`, async () => {
        const tile = await source.displayTile(level, column, row);
        return tile !== null && tile.bytes.length > 0 ? null : 'gave nothing within its grid';
      });
    }
    await attempt(`display tile outside of level ${level}`, async () =>
      (await source.displayTile(level, columns, rows)) === null ? null : 'gave something',
    );
  }
  const part = { width: Math.min(info.width, 3000), height: Math.min(info.height, 3000) };
  await attempt('scaled picture', async () => {
    const picture = await source.renderScaled({ x: 0, y: 0, ...part }, 96, 96);
    return picture.bytes.length > 0 ? null : 'is empty';
  });
  for (const name of info.associated.slice(0, 8)) {
    await attempt(`associated image ${name.slice(0, 40)}`, async () =>
      (await source.associatedImage(name)).bytes.length > 0 ? null : 'is empty',
    );
  }
}
