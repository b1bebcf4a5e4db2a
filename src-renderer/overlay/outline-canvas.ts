/** Paints outlines on a canvas of their own: a thin line in the class's colour with a dark rim, regions lightly filled. */
import type { ShapeInView } from '../../src-main/contract/shape-frame.ts';
import { fitCanvas, type OverlayScene } from './overlay-painter.ts';
import type { Outlines } from './outlines.ts';
import type { ViewTransform } from './view-transform.ts';

const lineWidth = 1.5;
const rimWidth = 3.5;
const fillAlpha = 0.14;
const acceptedAlpha = 0.3;
const keypointRadius = 3;
const rejectedStyle = 'rgb(158 158 158)';

export class OutlineCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  /** Paths in image pixels, made once for each set of outlines. */
  #paths: { of: Outlines; paths: Path2D[] } | null = null;
  #isEmpty = true;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  draw(view: ViewTransform, scene: OverlayScene, outlines: Outlines | null): void {
    const context = this.#context;
    if (context === null || (outlines === null && this.#isEmpty)) return;
    fitCanvas(this.canvas, view);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#isEmpty = outlines === null;
    if (outlines === null) return;
    const { density, scale, originX, originY } = view;
    context.setTransform(density * scale, 0, 0, density * scale, density * originX, density * originY);
    context.lineJoin = 'round';
    const paths = this.#pathsOf(outlines);
    outlines.shapes.forEach((item, i) => {
      const path = paths[i];
      if (path) paint(context, item, path, scene, scale);
    });
  }

  #pathsOf(outlines: Outlines): Path2D[] {
    if (this.#paths?.of !== outlines) {
      this.#paths = { of: outlines, paths: outlines.shapes.map(({ shape }) => pathOf(shape.polygons)) };
    }
    return this.#paths.paths;
  }
}

function pathOf(polygons: ShapeInView['shape']['polygons']): Path2D {
  const path = new Path2D();
  for (const rings of polygons) {
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        const [x = 0, y = 0] = [ring[i], ring[i + 1]];
        if (i === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      path.closePath();
    }
  }
  return path;
}

function paint(
  context: CanvasRenderingContext2D,
  { ordinal, classIndex, verdict, shape }: ShapeInView,
  path: Path2D,
  scene: OverlayScene,
  scale: number,
): void {
  const [r = 0, g = 0, b = 0] = scene.classColours.subarray(classIndex * 4, classIndex * 4 + 3);
  const isRejected = verdict === 2;
  const isSelected = ordinal === scene.selectedFinding;
  const style = isRejected ? rejectedStyle : `rgb(${r} ${g} ${b})`;
  context.fillStyle = style;
  context.globalAlpha = isRejected ? 0 : verdict === 1 ? acceptedAlpha : fillAlpha;
  context.fill(path, 'evenodd');
  context.globalAlpha = isSelected ? 1 : 0.55;
  context.strokeStyle = isSelected ? '#fff' : '#000';
  context.lineWidth = (isSelected ? rimWidth + 2 : rimWidth) / scale;
  context.stroke(path);
  context.globalAlpha = 1;
  context.setLineDash(isRejected ? [6 / scale, 4 / scale] : []);
  context.strokeStyle = style;
  context.lineWidth = lineWidth / scale;
  context.stroke(path);
  context.setLineDash([]);
  for (let i = 0; i < shape.keypoints.length; i += 3) {
    const [x = 0, y = 0, confidence = 0] = shape.keypoints.slice(i, i + 3);
    if (confidence < scene.threshold) continue;
    context.beginPath();
    context.arc(x, y, keypointRadius / scale, 0, 2 * Math.PI);
    context.fill();
  }
}
