/** Magnifications to jump to: those of a microscope, or metres per pixel of a map. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { movedViewer } from './current-viewer.ts';
import { formatLength, pixelLength, roundDown125 } from './scale-bar.ts';
import { words } from '../words/words.ts';

const objectives = [1, 5, 10, 20, 40] as const;
/** By the convention that 40x is 0.25 µm per pixel. */
const micrometresAt1x = 10;

export interface Step {
  label: string;
  /** Level-0 pixels that one CSS pixel shows. */
  pixels: number;
}

export function magnificationSteps(info: Pick<ImageInfo, 'mpp' | 'geo'>): Step[] {
  const { mpp } = info;
  if (mpp !== null) {
    return objectives.map((power) => ({
      label: `${power}×`,
      pixels: micrometresAt1x / power / mpp.x,
    }));
  }
  const pixel = pixelLength(info);
  if (pixel === null) return [];
  const finest = roundDown125(pixel.metres * (1 + 1e-9));
  return [100, 20, 5, 1].map((times) => {
    const metres = roundDown125(finest * times);
    return { label: words.viewer.formatLengthPx(formatLength(metres, 'map')), pixels: metres / pixel.metres };
  });
}

export function magnify({ pixels }: Step): void {
  movedViewer()?.zoomTo(pixels);
}
