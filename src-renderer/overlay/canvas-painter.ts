/**
 * Paints the overlay with a 2D canvas, where there is no WebGL2 or its context was lost. Only what is in view is painted, and of very
 * many findings a picture of their density from afar, closer the strongest, so that panning stays smooth.
 */
import { patternOf } from '../../src-main/core/colour.ts';
import { lineCode } from '../state/finding-set.ts';
import {
  densityAlpha,
  DensityPictures,
  spreadOf,
  stepsPerFinding,
  type DensityPicture,
} from './density-picture.ts';
import { coreAlong, tileAlong } from './grid-axis.ts';
import { fitCanvas, type OverlayPainter, type OverlayScene } from './overlay-painter.ts';
import { borderWidth, colourRow, patternFrom, tilePixel } from './tile-pixel.ts';
import { pointStrength, visibleRect, type ViewTransform } from './view-transform.ts';

/** More tiles in view than this are painted as one texel each and stretched. */
const mostPatterned = 4000;
/** Ordinals run by falling score: findings beyond this many in view are left out. */
const mostFindings = 20_000;

/** By verdict or line (state/finding-set.ts). */
const dashes: Readonly<Record<number, number[]>> = {
  2: [3, 3],
  [lineCode.dashed]: [6, 4],
  [lineCode.dotted]: [2, 2],
};

export function createCanvasPainter(canvas: HTMLCanvasElement): OverlayPainter | null {
  const context = canvas.getContext('2d');
  if (context === null) return null;
  const densities = new DensityPictures();
  return {
    kind: 'canvas-2d',
    canvas,
    draw(view, scene) {
      fitCanvas(canvas, view);
      context.setTransform(view.density, 0, 0, view.density, 0, 0);
      context.clearRect(0, 0, view.width, view.height);
      if (scene.showTiles) {
        drawTiles(context, view, scene);
        drawSelectedTile(context, view, scene);
      }
      if (scene.showFindings) drawFindings(context, view, scene, densities);
    },
    dispose() {
      canvas.width = 0;
    },
  };
}

/** White border of the inspected tile. */
function drawSelectedTile(context: CanvasRenderingContext2D, view: ViewTransform, scene: OverlayScene): void {
  const { tiles, axes, selectedTile } = scene;
  if (tiles === null || axes === null || selectedTile < 0) return;
  const [left, right] = coreAlong(axes.x, selectedTile % tiles.columns);
  const [top, bottom] = coreAlong(axes.y, Math.floor(selectedTile / tiles.columns));
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.strokeRect(
    view.originX + left * view.scale + 1,
    view.originY + top * view.scale + 1,
    (right - left) * view.scale - 2,
    (bottom - top) * view.scale - 2,
  );
}

function drawTiles(context: CanvasRenderingContext2D, view: ViewTransform, scene: OverlayScene): void {
  const { tiles, axes, colours, tileOpacity, tileInside } = scene;
  if (tiles === null || axes === null) return;
  const seen = visibleRect(view);
  const x0 = tileAlong(axes.x, Math.max(0, seen.x));
  const x1 = tileAlong(axes.x, Math.min(axes.x.end, seen.x + seen.width));
  const y0 = tileAlong(axes.y, Math.max(0, seen.y));
  const y1 = tileAlong(axes.y, Math.min(axes.y.end, seen.y + seen.height));
  const patterned = (x1 - x0 + 1) * (y1 - y0 + 1) <= mostPatterned;
  for (let row = y0; row <= y1; row++) {
    const [top, bottom] = coreAlong(axes.y, row);
    for (let column = x0; column <= x1; column++) {
      const record = tiles.at(row * tiles.columns + column);
      if (colours.texels[(colourRow(record, colours.rows) * 256 + record.score) * 4 + 3] === 0) continue;
      const [left, right] = coreAlong(axes.x, column);
      const x = view.originX + left * view.scale;
      const y = view.originY + top * view.scale;
      const width = (right - left) * view.scale;
      const height = (bottom - top) * view.scale;
      // The middle of the tile, as the shader would colour it between and on the hatching.
      const size = Math.min(width, height);
      const place = { diagonal: 9, edge: size / 2, tileSize: size };
      const [r, g, b, a] = tilePixel(colours, record, place, tileOpacity, tileInside);
      if (a === 0) continue;
      context.fillStyle = css(r, g, b, a);
      context.fillRect(x, y, width, height);
      if (!patterned || size < patternFrom) continue;
      const pattern = patternOf(record.state);
      if (pattern === 'hatch') {
        const line = tilePixel(colours, record, { ...place, diagonal: 0 }, tileOpacity, tileInside);
        hatch(context, x, y, width, height, css(...line));
      }
      if (pattern === 'outline' || tileInside < 1) {
        context.strokeStyle = css(
          ...tilePixel(colours, record, { ...place, diagonal: 0, edge: 1 }, tileOpacity, tileInside),
        );
        context.lineWidth = borderWidth;
        context.strokeRect(x + 1, y + 1, width - 2, height - 2);
      }
    }
  }
}

/** From premultiplied 0-1 to CSS. */
function css(r: number, g: number, b: number, a: number): string {
  const part = (value: number) => Math.round((a === 0 ? 0 : value / a) * 255);
  return `rgba(${part(r)}, ${part(g)}, ${part(b)}, ${a})`;
}

function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  style: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = style;
  context.lineWidth = 2.5;
  context.beginPath();
  for (let at = -height; at < width; at += 10) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.stroke();
  context.restore();
}

function drawDensity(context: CanvasRenderingContext2D, view: ViewTransform, density: DensityPicture): void {
  const { columns, rows, cell, texels } = density;
  // Not spread over neighbours, as the shader does: a little less colour where there are few.
  const spread = spreadOf(density, view.scale);
  const strength = pointStrength(view);
  const pixels = new Uint8ClampedArray(texels);
  for (let at = 3; at < pixels.length; at += 4) {
    pixels[at] = Math.round(255 * densityAlpha((texels[at] ?? 0) / stepsPerFinding, spread, strength));
  }
  const picture = new OffscreenCanvas(columns, rows);
  picture.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  const edge = cell * view.scale;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, view.originX, view.originY, columns * edge, rows * edge);
}

function drawFindings(
  context: CanvasRenderingContext2D,
  view: ViewTransform,
  scene: OverlayScene,
  densities: DensityPictures,
): void {
  const { findings } = scene;
  if (findings === null) return;
  const seen: number[] = [];
  const density = densities.pictureOf(view, { ...scene, findings });
  if (density === null) {
    findings.forEachNear(visibleRect(view), (ordinal) => {
      if ((findings.scores[ordinal] ?? 0) >= scene.threshold) seen.push(ordinal);
    });
  } else {
    drawDensity(context, view, density);
  }
  if (seen.length > mostFindings) {
    seen.sort((a, b) => a - b);
    seen.length = mostFindings;
  }
  if (scene.selectedFinding >= 0) seen.push(scene.selectedFinding);
  for (const ordinal of seen) {
    const box = findings.box(ordinal);
    const verdict = findings.verdicts[ordinal] ?? 0;
    const selected = ordinal === scene.selectedFinding;
    const at = (findings.classes[ordinal] ?? 0) * 4;
    const rgb = [0, 1, 2].map((channel) => scene.classColours[at + channel] ?? 255).join(', ');
    const style = verdict === 2 ? 'rgba(158, 158, 158, 0.75)' : `rgb(${rgb})`;
    const half = Math.max(2, (Math.max(box.width, box.height) / 2) * view.scale);
    const x = view.originX + (box.x + box.width / 2) * view.scale;
    const y = view.originY + (box.y + box.height / 2) * view.scale;
    if ((half < 3.5 || scene.asPoints) && !selected) {
      context.fillStyle = style;
      context.fillRect(x - 1.75, y - 1.75, 3.5, 3.5);
      continue;
    }
    const w = Math.max(4, box.width * view.scale);
    const h = Math.max(4, box.height * view.scale);
    context.setLineDash(dashes[verdict] ?? []);
    context.lineWidth = 1.5;
    context.strokeStyle = style;
    context.strokeRect(x - w / 2, y - h / 2, w, h);
    if (verdict === 1) {
      context.fillStyle = `rgba(${rgb}, 0.22)`;
      context.fillRect(x - w / 2, y - h / 2, w, h);
    }
    if (selected) {
      context.setLineDash([]);
      context.lineWidth = 2;
      context.strokeStyle = '#fff';
      context.strokeRect(x - w / 2 - 3.5, y - h / 2 - 3.5, w + 7, h + 7);
    }
  }
  context.setLineDash([]);
}
