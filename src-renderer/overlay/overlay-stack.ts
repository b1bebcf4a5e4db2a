/** The overlay's canvas in the viewer: WebGL2 where it is there, 2D canvas where it is not or while its context is lost. */
import { createCanvasPainter } from './canvas-painter.ts';
import type { OverlayPainter, OverlayScene } from './overlay-painter.ts';
import { OutlineCanvas } from './outline-canvas.ts';
import { coversView } from './outlines.ts';
import { insideStrength, visibleRect, type ViewTransform } from './view-transform.ts';
import { createWebglPainter } from './webgl-painter.ts';

export class OverlayStack {
  /** Holds the canvases; turned and mirrored as the view is. */
  readonly #host: HTMLElement;
  readonly #outlines: OutlineCanvas;
  #painter: OverlayPainter | null;
  #last: { view: ViewTransform; scene: OverlayScene } | null = null;

  constructor(parent: HTMLElement) {
    this.#host = document.createElement('div');
    this.#host.className = 'overlay-host';
    parent.append(this.#host);
    this.#painter = this.#webgl() ?? this.#flat();
    this.#outlines = new OutlineCanvas(this.#canvas());
    this.#host.append(this.#outlines.canvas);
  }

  get kind(): string {
    return this.#painter?.kind ?? 'none';
  }

  draw(view: ViewTransform, scene: OverlayScene): void {
    this.#place(view);
    const step = scene.axes === null ? 0 : Math.min(scene.axes.x.step, scene.axes.y.step);
    const tileInside = Math.max(scene.tileInside, insideStrength(view.scale, step * view.scale));
    const outlines = scene.showFindings ? scene.outlines : null;
    const covered = outlines !== null && coversView(outlines, visibleRect(view));
    this.#outlines.draw(view, scene, outlines);
    // Outlines say all that boxes say.
    const shown = { ...scene, tileInside, showFindings: scene.showFindings && !covered };
    this.#last = { view, scene: shown };
    this.#painter?.draw(view, shown);
  }

  dispose(): void {
    this.#remove();
    this.#outlines.dispose();
    this.#host.remove();
  }

  #place({ width, height, turn }: ViewTransform): void {
    const { style } = this.#host;
    if (turn === undefined) {
      if (style.transform === '') return;
      Object.assign(style, { transform: '', left: '', top: '', width: '', height: '' });
      return;
    }
    Object.assign(style, {
      left: `${(turn.width - width) / 2}px`,
      top: `${(turn.height - height) / 2}px`,
      width: `${width}px`,
      height: `${height}px`,
      transform: `scaleX(${turn.isFlipped ? -1 : 1}) rotate(${turn.degrees}deg)`,
    });
  }

  #webgl(): OverlayPainter | null {
    const canvas = this.#canvas();
    const painter = createWebglPainter(canvas, {
      onLost: () => this.#replace(() => this.#flat(), canvas),
      onRestored: () => this.#replace(() => this.#webgl(), canvas),
    });
    if (painter !== null) this.#host.append(canvas);
    return painter;
  }

  #flat(): OverlayPainter | null {
    const canvas = this.#canvas();
    const painter = createCanvasPainter(canvas);
    if (painter !== null) this.#host.append(canvas);
    return painter;
  }

  /** The canvas whose context was lost stays alive until it is restored, else nobody would tell. */
  #replace(make: () => OverlayPainter | null, lost: HTMLCanvasElement): void {
    if (this.#painter?.canvas === lost) lost.hidden = true;
    else this.#remove();
    this.#painter = make();
    if (this.#painter?.kind === 'webgl2') lost.remove();
    if (this.#last !== null) this.#painter?.draw(this.#last.view, this.#last.scene);
  }

  #remove(): void {
    this.#painter?.canvas.remove();
    this.#painter?.dispose();
    this.#painter = null;
  }

  #canvas(): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.className = 'overlay-canvas';
    canvas.setAttribute('aria-hidden', 'true');
    return canvas;
  }
}
