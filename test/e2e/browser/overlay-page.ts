/** Runs in Chromium: paints overlay scenes with the real painters and gives pixels back. */
import { findingFrameRecordBytes } from '../../../src-main/contract/finding-frame.ts';
import { decodeTileFrame, encodeTileFrame } from '../../../src-main/contract/tile-frame.ts';
import { createCanvasPainter } from '../../../src-renderer/overlay/canvas-painter.ts';
import { DensityLayer } from '../../../src-renderer/overlay/density-layer.ts';
import { FindingLayer } from '../../../src-renderer/overlay/finding-layer.ts';
import { gridAxes } from '../../../src-renderer/overlay/grid-axis.ts';
import type { OverlayPainter, OverlayScene } from '../../../src-renderer/overlay/overlay-painter.ts';
import { pointStrength } from '../../../src-renderer/overlay/view-transform.ts';
import { createWebglPainter } from '../../../src-renderer/overlay/webgl-painter.ts';
import { FindingSet, verdictCode } from '../../../src-renderer/state/finding-set.ts';
import { TileStateBuffer } from '../../../src-renderer/state/tile-state-buffer.ts';
import type { DensityAnswer, DensityRequest, PaintAnswer, PaintRequest } from '../overlay-request.ts';

declare global {
  interface Window {
    paintOverlay(request: PaintRequest): PaintAnswer;
    paintDensity(request: DensityRequest): DensityAnswer;
    benchOverlay(request: PaintRequest, findings: number, frames: number): number[];
  }
}

function sceneOf(request: PaintRequest): { scene: OverlayScene; tiles: TileStateBuffer } {
  const { plan, records } = request;
  const tiles = new TileStateBuffer(plan, request.pageSize);
  tiles.apply(
    decodeTileFrame(
      encodeTileFrame(
        { revision: 1, tileCount: plan.columns * plan.rows, generation: 1 },
        records.length,
        (position, out) => Object.assign(out, records[position]),
      ),
    ),
    0,
  );
  return {
    tiles,
    scene: {
      tiles,
      axes: gridAxes(plan),
      colours: { rows: request.colours.rows, texels: new Uint8Array(request.colours.texels) },
      classColours: new Uint8Array(1024).fill(255),
      findings: findingsOf(request),
      outlines: null,
      asPoints: false,
      tilesVersion: 1,
      findingsVersion: 1,
      showTiles: true,
      showFindings: true,
      tileOpacity: request.opacity,
      tileInside: request.inside ?? 1,
      threshold: 0,
      selectedFinding: -1,
      selectedTile: request.selectedTile,
    },
  };
}

function findingsOf({ findings, plan }: PaintRequest): FindingSet | null {
  if (findings === undefined) return null;
  const records = new DataView(new ArrayBuffer(findings.boxes.length * findingFrameRecordBytes));
  for (const [i, { x, y, width, height }] of findings.boxes.entries()) {
    const at = i * findingFrameRecordBytes;
    for (const [side, value] of [x, y, width, height, 1].entries())
      records.setFloat32(at + side * 4, value, true);
  }
  return new FindingSet(
    { count: findings.boxes.length, records },
    { width: plan.imageWidth, height: plan.imageHeight },
  );
}

function painterOf(kind: PaintRequest['painter']): OverlayPainter {
  const canvas = document.createElement('canvas');
  const painter =
    kind === 'webgl2'
      ? createWebglPainter(canvas, { onLost: () => undefined, onRestored: () => undefined })
      : createCanvasPainter(canvas);
  if (painter === null) throw new Error(`no ${kind} here`);
  return painter;
}

window.paintOverlay = (request) => {
  const painter = painterOf(request.painter);
  const { scene, tiles } = sceneOf(request);
  painter.draw(request.view, scene);
  if (request.update !== null) {
    // A later frame: only the rows that changed are uploaded.
    const { update } = request;
    tiles.apply(
      decodeTileFrame(
        encodeTileFrame(
          { revision: 2, tileCount: request.plan.columns * request.plan.rows, generation: 1 },
          update.length,
          (position, out) => Object.assign(out, update[position]),
        ),
      ),
      1,
    );
    painter.draw(request.view, { ...scene, tilesVersion: 2 });
  }
  if (request.findings !== undefined && scene.findings !== null) {
    scene.findings.verdicts[request.findings.accepted] = verdictCode.accepted;
    painter.draw(request.view, { ...scene, findingsVersion: 2 });
  }
  const { canvas } = painter;
  const read = document.createElement('canvas');
  read.width = canvas.width;
  read.height = canvas.height;
  const pixels = new Uint8Array(canvas.width * canvas.height * 4);
  if (request.painter === 'webgl2') {
    const gl = canvas.getContext('webgl2');
    if (gl === null) throw new Error('no context');
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    if (gl.getError() !== gl.NO_ERROR) throw new Error('WebGL reports an error');
  } else {
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
    if (data === undefined) throw new Error('no context');
    pixels.set(data);
  }
  const samples = request.samples.map(({ x, y }) => {
    // WebGL's rows run from the bottom, and its colours are premultiplied.
    const row = request.painter === 'webgl2' ? canvas.height - 1 - y : y;
    return Array.from(pixels.subarray((row * canvas.width + x) * 4, (row * canvas.width + x) * 4 + 4));
  });
  painter.dispose();
  return { samples };
};

window.paintDensity = ({ painter: kind, boxes, scale }) => {
  const image = { width: 1000, height: 1000 };
  const records = new DataView(new ArrayBuffer(boxes.length * findingFrameRecordBytes));
  for (const [i, { x, y, width, height }] of boxes.entries()) {
    const at = i * findingFrameRecordBytes;
    for (const [side, value] of [x, y, width, height, 1].entries())
      records.setFloat32(at + side * 4, value, true);
    records.setUint8(at + 20, i % 2);
  }
  const classColours = new Uint8Array(1024);
  classColours.set([255, 0, 0, 255, 0, 0, 255, 255]);
  const size = Math.round(1000 * scale);
  const view = { width: size, height: size, density: 1, scale, originX: 0, originY: 0 };
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const findings = new FindingSet({ count: boxes.length, records }, image);
  const scene = { findings, findingsVersion: 1, threshold: 0.5, classColours };
  const gl = canvas.getContext('webgl2');
  if (gl === null) throw new Error('no context');
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  if (kind === 'density') {
    if (!new DensityLayer(gl).draw(view, scene, pointStrength(view))) throw new Error('no density');
  } else {
    const layer = new FindingLayer(gl);
    layer.setClasses(classColours);
    layer.setFindings(findings);
    layer.draw(view, { threshold: 0.5, selected: -1, alpha: pointStrength(view), points: false });
  }
  const pixels = new Uint8Array(size * size * 4);
  gl.readPixels(0, 0, size, size, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const half = Math.floor(size / 2);
  const sums = new Float64Array(16);
  for (let at = 0; at < pixels.length; at++) {
    const pixel = at >> 2;
    const quarter = (pixel % size < half ? 0 : 1) + (Math.floor(pixel / size) < half ? 0 : 2);
    const sum = quarter * 4 + (at & 3);
    sums[sum] = (sums[sum] ?? 0) + (pixels[at] ?? 0) / (255 * half * half);
  }
  return { quarters: [0, 4, 8, 12].map((from) => [...sums.subarray(from, from + 4)]) };
};

window.benchOverlay = (request, findings, frames) => {
  const painter = painterOf(request.painter);
  const { scene } = sceneOf(request);
  const records = new DataView(new ArrayBuffer(findings * 24));
  for (let i = 0; i < findings; i++) {
    records.setFloat32(i * 24, Math.random() * request.plan.imageWidth, true);
    records.setFloat32(i * 24 + 4, Math.random() * request.plan.imageHeight, true);
    records.setFloat32(i * 24 + 8, 34, true);
    records.setFloat32(i * 24 + 12, 34, true);
    records.setFloat32(i * 24 + 16, Math.random(), true);
  }
  const set = new FindingSet(
    { count: findings, records },
    { width: request.plan.imageWidth, height: request.plan.imageHeight },
  );
  const times: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const start = performance.now();
    painter.draw({ ...request.view, originX: request.view.originX - frame }, { ...scene, findings: set });
    const gl = request.painter === 'webgl2' ? painter.canvas.getContext('webgl2') : null;
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    times.push(performance.now() - start);
  }
  painter.dispose();
  return times;
};
