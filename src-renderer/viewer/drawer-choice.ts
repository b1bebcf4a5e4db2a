/**
 * How the tiles of the image are put together: by the graphics card where there is one, on a 2D canvas elsewhere. A processor that
 * emulates a card takes 0.2 s a frame for what a canvas does in 10 ms.
 */
import OpenSeadragon from 'openseadragon';

/** Names by which drivers tell that a processor does the card's work. */
const emulated = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Takes decoded tiles as they are. The drawer that it comes from would first draw each onto a canvas of its own and read a pixel back
 * from it, to find out whether another site's picture is in it: here all tiles are the engine's own.
 */
class CardDrawer extends OpenSeadragon.WebGLDrawer {
  override getSupportedDataFormats(): string[] {
    return ['imageBitmap', ...super.getSupportedDataFormats()];
  }
}

let hasCard: boolean | null = null;

/** In the order in which they are to be tried. Where a card's context is lost and comes back no more, the viewer goes on with the next one. */
export function drawers(): (typeof CardDrawer | 'canvas')[] {
  hasCard ??= looksForCard();
  return hasCard ? [CardDrawer, 'canvas'] : ['canvas'];
}

function looksForCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !emulated.test(String(renderer));
}
