/**
 * Paints outlines on a canvas of their own: a thin line in the class's colour with a dark rim, lightly filled. Thousands of outlines
 * take longer than a frame: while the view moves, what was painted moves along, and it is painted anew when the view rests.
 */
import type { ShapeInView } from '../../src-main/contract/shape-frame.ts';
import { shapeBounds } from '../../src-main/core/shape.ts';
import { fitCanvas, type OverlayScene } from './overlay-painter.ts';
import type { Outlines } from './outlines.ts';
import { visibleRect, type ViewTransform } from './view-transform.ts';

const lineWidth = 1.5;
const rimWidth = 3.5;
const fillAlpha = 0.14;
const acceptedAlpha = 0.3;
const rimAlpha = 0.55;
const keypointRadius = 3;
const rejectedStyle = 'rgb(158 158 158)';
const restMs = 100;
/** By verdict: of what is rejected, and of lines that are dashed and dotted. */
const dashes: Readonly<Record<number, readonly number[]>> = { 2: [6, 4], 3: [9, 5], 4: [2, 3] };

/** An outline ready to be painted: its path and bounds in image pixels. */
interface Ready {
  item: ShapeInView;
  path: Path2D;
  bounds: { x: number; y: number; width: number; height: number } | null;
}

/** All that a picture depends on beside the view. */
interface Painted {
  outlines: Outlines;
  selected: number;
  colours: Uint8Array;
  view: ViewTransform;
}

export class OutlineCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #ready: { of: Outlines; list: Ready[] } | null = null;
  #painted: Painted | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#context = canvas.getContext('2d');
    canvas.style.transformOrigin = '0 0';
  }

  draw(view: ViewTransform, scene: OverlayScene, outlines: Outlines | null): void {
    clearTimeout(this.#timer);
    if (outlines === null) {
      this.#clear();
      return;
    }
    const painted = this.#painted;
    const isSamePicture =
      painted !== null &&
      painted.outlines === outlines &&
      painted.selected === scene.selectedFinding &&
      painted.colours === scene.classColours &&
      painted.view.width === view.width &&
      painted.view.height === view.height;
    if (!isSamePicture) {
      this.#paint(view, scene, outlines);
      return;
    }
    const scale = view.scale / painted.view.scale;
    const [x, y] = [view.originX - painted.view.originX * scale, view.originY - painted.view.originY * scale];
    if (scale === 1 && x === 0 && y === 0) return;
    this.canvas.style.transform = `matrix(${scale}, 0, 0, ${scale}, ${x}, ${y})`;
    this.#timer = setTimeout(() => this.#paint(view, scene, outlines), restMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.canvas.remove();
  }

  #clear(): void {
    if (this.#painted === null) return;
    this.#painted = null;
    this.canvas.width = 0;
  }

  #paint(view: ViewTransform, scene: OverlayScene, outlines: Outlines): void {
    const context = this.#context;
    if (context === null) return;
    this.#painted = { outlines, selected: scene.selectedFinding, colours: scene.classColours, view };
    this.canvas.style.transform = '';
    fitCanvas(this.canvas, view);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const { density, scale, originX, originY } = view;
    context.setTransform(density * scale, 0, 0, density * scale, density * originX, density * originY);
    context.lineJoin = 'round';
    const seen = visibleRect(view);
    const shown = this.#readyOf(outlines).filter(({ bounds }) => bounds === null || touches(bounds, seen));
    for (const group of grouped(shown, scene)) paintGroup(context, group, scale);
    for (const { item } of shown) paintKeypoints(context, item, scene, scale);
  }

  #readyOf(outlines: Outlines): Ready[] {
    if (this.#ready?.of !== outlines) {
      const list = outlines.shapes.map((item) => ({
        item,
        path: pathOf(item.shape.polygons),
        bounds: shapeBounds(item.shape),
      }));
      this.#ready = { of: outlines, list };
    }
    return this.#ready.list;
  }
}

type Bounds = NonNullable<Ready['bounds']>;

function touches(a: Bounds, b: Bounds): boolean {
  return a.x <= b.x + b.width && a.x + a.width >= b.x && a.y <= b.y + b.height && a.y + a.height >= b.y;
}

interface Group {
  path: Path2D;
  style: string;
  fill: number;
  /** CSS pixels of line and gap; empty: a whole line. */
  dash: readonly number[];
  isSelected: boolean;
}

/** Outlines that look alike are one path: a call for each would cost more than the painting. The selected one comes last. */
function grouped(shown: readonly Ready[], scene: OverlayScene): Group[] {
  const groups = new Map<string, Group>();
  for (const { item, path } of shown) {
    const { classIndex, verdict, ordinal } = item;
    const isSelected = ordinal === scene.selectedFinding;
    const key = isSelected ? 'selected' : `${classIndex} ${verdict}`;
    let group = groups.get(key);
    if (group === undefined) {
      const isRejected = verdict === 2;
      group = {
        path: new Path2D(),
        style: isRejected ? rejectedStyle : classStyle(scene, classIndex),
        fill: verdict > 1 ? 0 : verdict === 1 ? acceptedAlpha : fillAlpha,
        dash: dashes[verdict] ?? [],
        isSelected,
      };
      groups.set(key, group);
    }
    group.path.addPath(path);
  }
  return [...groups.values()].sort((a, b) => Number(a.isSelected) - Number(b.isSelected));
}

function classStyle({ classColours }: OverlayScene, classIndex: number): string {
  const [r = 0, g = 0, b = 0] = classColours.subarray(classIndex * 4, classIndex * 4 + 3);
  return `rgb(${r} ${g} ${b})`;
}

function paintGroup(context: CanvasRenderingContext2D, group: Group, scale: number): void {
  const { path, style, fill, dash, isSelected } = group;
  context.fillStyle = style;
  context.globalAlpha = fill;
  context.fill(path, 'evenodd');
  context.globalAlpha = isSelected ? 1 : rimAlpha;
  context.strokeStyle = isSelected ? '#fff' : '#000';
  context.lineWidth = (isSelected ? rimWidth + 2 : rimWidth) / scale;
  context.stroke(path);
  context.globalAlpha = 1;
  context.setLineDash(dash.map((length) => length / scale));
  context.strokeStyle = style;
  context.lineWidth = lineWidth / scale;
  context.stroke(path);
  context.setLineDash([]);
}

function paintKeypoints(
  context: CanvasRenderingContext2D,
  { classIndex, verdict, shape }: ShapeInView,
  scene: OverlayScene,
  scale: number,
): void {
  if (shape.keypoints.length === 0) return;
  context.fillStyle = verdict === 2 ? rejectedStyle : classStyle(scene, classIndex);
  for (let i = 0; i < shape.keypoints.length; i += 3) {
    const [x = 0, y = 0, confidence = 0] = shape.keypoints.slice(i, i + 3);
    if (confidence < scene.threshold) continue;
    context.beginPath();
    context.arc(x, y, keypointRadius / scale, 0, 2 * Math.PI);
    context.fill();
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
