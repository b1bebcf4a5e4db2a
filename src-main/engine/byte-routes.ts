/** Answers the paths of contract/bytes.ts: display tiles, pictures, tile states, findings. */
import type { BytesAnswer } from '../contract/bytes.ts';
import { GigatileError, isInputError, toPlainError } from '../contract/errors.ts';
import type { Rect } from '../contract/run.ts';
import { encodeShapeFrame } from '../contract/shape-frame.ts';
import { parseLook } from '../contract/look.ts';
import type { DisplayLook } from '../contract/look.ts';
import type { CaseLibrary } from './case-library.ts';
import type { Comparisons } from './compare/comparisons.ts';
import { verdictCode } from './finding-frames.ts';
import type { ImageService, Picture } from './image-service.ts';
import type { ReportDrafts } from './report-drafts.ts';
import { runNoOf } from './run-id.ts';

const largestPicture = 2048;
/** More outlines than this at once are a tangle: the screen shows boxes and points then. */
const mostShapes = 8000;

function numberOf(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? Number.NaN);
  if (!Number.isFinite(value)) throw new GigatileError('usage', `"${name}" must be a number`);
  return value;
}

function rectOf(query: URLSearchParams): Rect {
  return {
    x: numberOf(query, 'x'),
    y: numberOf(query, 'y'),
    width: numberOf(query, 'width'),
    height: numberOf(query, 'height'),
  };
}

function sizeOf(query: URLSearchParams): number {
  return Math.min(largestPicture, Math.max(1, Math.round(numberOf(query, 'size'))));
}

function lookOf(query: URLSearchParams): DisplayLook | undefined {
  const text = query.get('look');
  return text === null ? undefined : parseLook(text);
}

export class ByteRoutes {
  readonly #cases: CaseLibrary;
  readonly #images: ImageService;
  readonly #drafts: ReportDrafts;
  readonly #comparisons: Comparisons;

  constructor(cases: CaseLibrary, images: ImageService, drafts: ReportDrafts, comparisons: Comparisons) {
    this.#cases = cases;
    this.#images = images;
    this.#drafts = drafts;
    this.#comparisons = comparisons;
  }

  /** @param signal nobody waits for it any more: previews of reports end then */
  async answer(path: string, signal?: AbortSignal): Promise<BytesAnswer> {
    try {
      const url = new URL(path, 'http://bytes.invalid');
      const [, kind = '', id = '', ...rest] = url.pathname.split('/');
      const picture = await this.#route(kind, id, rest, url.searchParams, signal);
      if (!picture) return { status: 404, type: 'application/json', body: Buffer.from('{}') };
      return { status: 200, type: picture.type, body: picture.bytes };
    } catch (error) {
      const plain = toPlainError(error);
      const status = plain.code === 'file-not-found' ? 404 : isInputError(plain.code) ? 400 : 500;
      return { status, type: 'application/json', body: Buffer.from(JSON.stringify(plain)) };
    }
  }

  async #route(
    kind: string,
    id: string,
    rest: string[],
    query: URLSearchParams,
    signal: AbortSignal | undefined,
  ): Promise<Picture | null> {
    if (kind === 'case-pictures') {
      const bytes = this.#cases.picture(id);
      return bytes === null ? null : { type: 'image/jpeg', bytes };
    }
    const session = this.#cases.get(id);
    const { path, info } = session.image;
    switch (kind) {
      case 'tiles': {
        const [level, column, row] = rest.map(Number);
        if (![level, column, row].every(Number.isInteger))
          throw new GigatileError('usage', 'A tile has three numbers');
        return this.#images.tile(path, level ?? 0, column ?? 0, row ?? 0, lookOf(query));
      }
      case 'thumbnails':
        return this.#scaled(path, { x: 0, y: 0, width: info.width, height: info.height }, query);
      case 'crops': {
        const rect = {
          x: numberOf(query, 'x'),
          y: numberOf(query, 'y'),
          width: Math.max(1, numberOf(query, 'width')),
          height: Math.max(1, numberOf(query, 'height')),
        };
        return this.#scaled(path, rect, query);
      }
      case 'tile-states': {
        const visible = session.conductor(runNoOf(rest[0] ?? '')).visibleTiles();
        return { type: 'application/octet-stream', bytes: visible.frame(numberOf(query, 'since')) };
      }
      case 'findings': {
        const by = query.get('by') ?? undefined;
        const bytes = session.conductor(runNoOf(rest[0] ?? '')).findingFrame(by);
        return { type: 'application/octet-stream', bytes };
      }
      case 'shapes': {
        const run = runNoOf(rest[0] ?? '');
        const found = session
          .conductor(run)
          .findings.shapesIn(run, rectOf(query), numberOf(query, 'from'), mostShapes);
        const shapes = found.shapes.map(({ finding, numbers }) => ({
          ordinal: finding.ordinal,
          classIndex: finding.classIndex,
          verdict: verdictCode(finding.verdict),
          numbers,
        }));
        return { type: 'application/octet-stream', bytes: encodeShapeFrame(shapes, found.total) };
      }
      case 'comparisons':
        return {
          type: 'application/octet-stream',
          bytes: this.#comparisons.frame(session, rest[0] ?? ''),
        };
      case 'comparison-shapes': {
        const found = this.#comparisons.shapes(session, rest[0] ?? '', rectOf(query), mostShapes);
        return { type: 'application/octet-stream', bytes: encodeShapeFrame(found.shapes, found.total) };
      }
      case 'report-previews': {
        const run = runNoOf(rest[0] ?? '');
        const draft = query.get('draft') ?? '';
        const html = await this.#drafts.preview(session, this.#images, run, draft, signal);
        // Never a page of its own: whoever opens the address gets text.
        return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(html) };
      }
      default:
        throw new GigatileError('usage', `There are no bytes at /${kind}`);
    }
  }

  #scaled(
    path: string,
    rect: { x: number; y: number; width: number; height: number },
    query: URLSearchParams,
  ): Promise<Picture> {
    const size = sizeOf(query);
    const scale = size / Math.max(rect.width, rect.height);
    const width = Math.max(1, Math.round(rect.width * scale));
    const height = Math.max(1, Math.round(rect.height * scale));
    return this.#images.render(path, rect, width, height, lookOf(query));
  }
}
