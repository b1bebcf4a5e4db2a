/** Paints the overlay with WebGL2. Uploads only what changed since the last frame. */
import { DensityLayer } from './density-layer.ts';
import { FindingLayer } from './finding-layer.ts';
import { fitCanvas, type OverlayPainter, type OverlayScene } from './overlay-painter.ts';
import { TileLayer } from './tile-layer.ts';
import { pointStrength, type ViewTransform } from './view-transform.ts';

/** null where this browser has no WebGL2. `onLost` is called when the graphics process takes the context away. */
export function createWebglPainter(
  canvas: HTMLCanvasElement,
  events: { onLost: () => void; onRestored: () => void },
): OverlayPainter | null {
  const gl = canvas.getContext('webgl2', {
    alpha: true,
    premultipliedAlpha: true,
    antialias: false,
    depth: false,
    stencil: false,
    desynchronized: false,
    preserveDrawingBuffer: false,
  });
  if (gl === null) return null;
  const tileLayer = new TileLayer(gl);
  const findingLayer = new FindingLayer(gl);
  const densityLayer = new DensityLayer(gl);
  let last: Partial<OverlayScene> = {};

  const onLost = (event: Event) => {
    event.preventDefault(); // asks for a restoration
    events.onLost();
  };
  canvas.addEventListener('webglcontextlost', onLost);
  canvas.addEventListener('webglcontextrestored', events.onRestored);

  return {
    kind: 'webgl2',
    canvas,
    draw(view: ViewTransform, scene: OverlayScene) {
      if (gl.isContextLost()) return;
      fitCanvas(canvas, view);
      if (scene.colours !== last.colours) tileLayer.setColours(scene.colours);
      if (scene.classColours !== last.classColours) findingLayer.setClasses(scene.classColours);
      if (scene.tiles !== last.tiles || scene.tilesVersion !== last.tilesVersion) {
        tileLayer.setTiles(scene.tiles);
      }
      if (scene.findings !== last.findings || scene.findingsVersion !== last.findingsVersion) {
        findingLayer.setFindings(scene.findings);
      }
      last = scene;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      if (scene.showTiles && scene.axes !== null) {
        const strength = { opacity: scene.tileOpacity, inside: scene.tileInside };
        tileLayer.draw(view, scene.axes, strength, scene.selectedTile);
      }
      if (scene.showFindings && scene.findings !== null) {
        const { findings, threshold, selectedFinding: selected, asPoints: points } = scene;
        const alpha = pointStrength(view);
        const isDensity = densityLayer.draw(view, { ...scene, findings }, alpha);
        const options = { threshold, selected, points, alpha };
        if (!isDensity) findingLayer.draw(view, options);
        else if (selected >= 0) findingLayer.draw(view, { ...options, only: selected });
      }
    },
    dispose() {
      canvas.removeEventListener('webglcontextlost', onLost);
      canvas.removeEventListener('webglcontextrestored', events.onRestored);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}
