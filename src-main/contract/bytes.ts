import { encodeLook } from './look.ts';
import type { DisplayLook } from './look.ts';

/** `look` of pictures of an image; without one they show it as it is by default. */
function lookQuery(look: DisplayLook | null | undefined, before: '?' | '&'): string {
  return look == null ? '' : `${before}look=${encodeLook(look)}`;
}

/**
 * The paths by which bytes reach the screen: `GET` on the web, a request over a MessagePort in Electron. Never longer than
 * 2,000 characters; ids are opaque and URL-safe.
 */
export const bytePaths = {
  /** A display tile; level 0 is the full resolution (index into `info.display.levels`). */
  tile: (imageId: string, level: number, column: number, row: number, look?: DisplayLook | null) =>
    `/tiles/${imageId}/${level}/${column}/${row}${lookQuery(look, '?')}`,
  /** The whole image, its longer side at most `size` pixels; JPEG. */
  thumbnail: (imageId: string, size: number, look?: DisplayLook | null) =>
    `/thumbnails/${imageId}?size=${size}${lookQuery(look, '&')}`,
  /** A part of the image (level-0 pixels), scaled to `size` pixels on its longer side; JPEG. */
  crop: (
    imageId: string,
    rect: { x: number; y: number; width: number; height: number },
    size: number,
    look?: DisplayLook | null,
  ) =>
    `/crops/${imageId}?x=${rect.x}&y=${rect.y}&width=${rect.width}&height=${rect.height}&size=${size}` +
    lookQuery(look, '&'),
  /** The picture of its image that a case holds, which need not be open, nor its image be there; JPEG. */
  casePicture: (fileId: string) => `/case-pictures/${fileId}`,
  /** Tile states newer than a revision: a frame of ./tile-frame.ts. */
  tileStates: (caseId: string, runId: string, since: number) =>
    `/tile-states/${caseId}/${runId}?since=${since}`,
  /** Outlines of the findings in a part of the image (level-0 pixels) from a score on: a frame of ./shape-frame.ts. */
  shapes: (
    caseId: string,
    runId: string,
    rect: { x: number; y: number; width: number; height: number },
    from: number,
  ) =>
    `/shapes/${caseId}/${runId}?x=${rect.x}&y=${rect.y}&width=${rect.width}&height=${rect.height}&from=${from}`,
  /** What was compared: a frame of ./finding-frame.ts, where the class is the group (./compare.ts). */
  comparison: (caseId: string, comparisonId: string) => `/comparisons/${caseId}/${comparisonId}`,
  /** Outlines of the compared objects in a part of the image (level-0 pixels): a frame of ./shape-frame.ts, ordinal and class as above. */
  comparisonShapes: (
    caseId: string,
    comparisonId: string,
    rect: { x: number; y: number; width: number; height: number },
  ) =>
    `/comparison-shapes/${caseId}/${comparisonId}?x=${rect.x}&y=${rect.y}&width=${rect.width}&height=${rect.height}`,
  /** A report that is being composed, as HTML; from `exports.previewReport`. */
  reportPreview: (caseId: string, runId: string, draft: string) =>
    `/report-previews/${caseId}/${runId}?draft=${draft}`,
  /** All findings: a frame of ./finding-frame.ts. `by`: only this reviewer's decisions count. */
  findings: (caseId: string, runId: string, by?: string) =>
    `/findings/${caseId}/${runId}${by === undefined ? '' : `?by=${encodeURIComponent(by)}`}`,
} as const;

export interface BytesAnswer {
  status: number;
  /** MIME type. */
  type: string;
  body: Uint8Array;
}
