/** The viewer as one object for React to hold: OpenSeadragon, the overlay on it, and events in image pixels. */
import OpenSeadragon from 'openseadragon';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { DisplayLook } from '../../src-main/contract/look.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import type { Connection } from '../client/connection.ts';
import { OverlayStack } from '../overlay/overlay-stack.ts';
import { isSameScene, type OverlayScene } from '../overlay/overlay-painter.ts';
import { toImage, type ViewTransform } from '../overlay/view-transform.ts';
import type { ViewPlace } from '../split/linked-view.ts';
import { drawers } from './drawer-choice.ts';
import { keepOpenSeadragonFromAddingStyles } from './osd-styles.ts';
import { ShownPicture } from './shown-picture.ts';
import { tilesKept } from './tile-memory.ts';
import { isInSight, isSameView, shownPart, transformOf } from './viewer-transform.ts';

/** A view that has not moved for so long rests: a hand that drags it stands still between any two frames. */
const restMs = 80;

export interface ViewerEvents {
  /** Each frame in which the view moved, and once at the start. */
  onView: (view: ViewTransform) => void;
  /** The view has come to rest. */
  onRest: (visible: Rect) => void;
  /** A click that was no drag; level-0 pixels. */
  onClick: (point: { x: number; y: number }, keys: { alt: boolean }) => void;
  onTileError: (message: string) => void;
  /** The image is there and fills the view. */
  onOpen?: () => void;
}

export class SlideViewer {
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #overlay: OverlayStack;
  readonly #picture: ShownPicture;
  readonly #image: ImageInfo & { id: string };
  readonly #tracker: ResizeObserver;
  #scene: OverlayScene | null = null;
  #frame = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #view: ViewTransform | null = null;
  /** The next frame shows what `show` asked for. */
  #leading = false;
  #isLed = false;

  constructor(
    element: HTMLElement,
    navigator: HTMLElement | null,
    connection: Connection,
    image: ImageInfo & { id: string },
    look: DisplayLook | null,
    events: ViewerEvents,
  ) {
    keepOpenSeadragonFromAddingStyles(document);
    this.#image = image;
    this.#viewer = new OpenSeadragon.Viewer({
      element,
      drawer: drawers(),
      navigatorDrawer: 'canvas',
      showNavigationControl: false,
      showNavigator: navigator !== null,
      ...(navigator !== null && { navigatorElement: navigator }),
      navigatorMaintainSizeRatio: false,
      navigatorAutoFade: false,
      navigatorRotate: false,
      navigatorOpacity: 1,
      navigatorBackground: 'transparent',
      navigatorBorderColor: 'transparent',
      navigatorDisplayRegionColor: 'var(--accent)',
      // Who wants no motion is at a place at once.
      animationTime: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 0.45,
      springStiffness: 9,
      zoomPerScroll: 1.3,
      visibilityRatio: 0.35,
      minZoomImageRatio: 0.6,
      maxZoomPixelRatio: 8,
      imageLoaderLimit: 12,
      maxImageCacheCount: Math.min(...image.display.levels.map(tilesKept)),
      timeout: 60_000,
      tileRetryMax: 2,
      tileRetryDelay: 1500,
      preserveImageSizeOnResize: true,
      crossOriginPolicy: false,
      // Not a stop of the Tab key: all that it does has keys of the window's own.
      tabIndex: -1,
      // Keys belong to the app's own registry, so that they work wherever the focus is.
      keyboardNavEnabled: false,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: true },
      gestureSettingsTouch: { pinchRotate: false },
    });
    this.#overlay = new OverlayStack(this.#viewer.canvas);

    this.#viewer.addHandler('update-viewport', () => this.#tick(events));
    this.#viewer.addHandler('animation-finish', () => {
      clearTimeout(this.#restTimer);
      this.#restTimer = setTimeout(() => this.#rest(events), restMs);
    });
    this.#viewer.addHandler('tile-load-failed', (event) => events.onTileError(event.message ?? 'unknown'));
    this.#viewer.addHandler('canvas-click', (event) => {
      if (!event.quick) return;
      const original = event.originalEvent as MouseEvent;
      const point = this.imagePointAt(original.clientX, original.clientY);
      if (point !== null) events.onClick(point, { alt: original.altKey });
    });
    this.#tracker = new ResizeObserver(() => this.#rest(events));
    this.#tracker.observe(element);
    this.#picture = new ShownPicture(this.#viewer, connection, image, look);
    this.#picture.open(() => {
      this.fit(true);
      this.#rest(events);
      events.onOpen?.();
    });
  }

  /** 'webgl2', or 'canvas-2d' where that is missing. */
  get painterKind(): string {
    return this.#overlay.kind;
  }

  /** Shows the image otherwise, where it is: the picture before stays until the new one is there as far as it is seen. */
  setLook(look: DisplayLook | null): void {
    this.#picture.setLook(look);
  }

  /** What the overlay shows from the next frame on. The same as before costs nothing. */
  setScene(scene: OverlayScene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before === null || !isSameScene(before, scene)) this.redraw();
  }

  /** Draws the overlay in the next frame; several wishes in one frame are one. */
  redraw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const view = this.#transform();
      if (view !== null && this.#scene !== null) this.#overlay.draw(view, this.#scene);
    });
  }

  /** There is more of the image than when its tiles were asked for: they are loaded again. */
  renew(): void {
    this.#picture.renew();
  }

  zoomBy(factor: number): void {
    this.#viewer.viewport.zoomBy(factor);
    this.#viewer.viewport.applyConstraints();
  }

  /** The whole image with a small margin. */
  fit(immediately = false): void {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return;
    const bounds = item.getBounds();
    const size = this.#viewer.viewport.getContainerSize();
    const margin = 24 / Math.max(100, Math.min(size.x, size.y));
    this.#viewer.viewport.fitBounds(
      new OpenSeadragon.Rect(
        bounds.x - bounds.width * margin,
        bounds.y - bounds.height * margin,
        bounds.width * (1 + 2 * margin),
        bounds.height * (1 + 2 * margin),
      ),
      immediately,
    );
  }

  /** One image pixel for one device pixel. */
  actualPixels(): void {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return;
    this.#viewer.viewport.zoomTo(item.imageToViewportZoom(1 / window.devicePixelRatio));
    this.#viewer.viewport.applyConstraints();
  }

  panBy(fractionX: number, fractionY: number): void {
    const { x, y } = this.#viewer.viewport.getContainerSize();
    this.panByPixels(x * fractionX, y * fractionY);
    this.#viewer.viewport.applyConstraints();
  }

  /** What is seen moves the other way; CSS pixels of the screen. */
  panByPixels(x: number, y: number, immediately = false): void {
    const { viewport } = this.#viewer;
    const onPage = new OpenSeadragon.Point(viewport.getFlip() ? -x : x, y);
    viewport.panBy(viewport.deltaPointsFromPixels(onPage, true), immediately);
  }

  /** Zooms about a place of the screen. */
  zoomAt(clientX: number, clientY: number, factor: number): void {
    const { viewport } = this.#viewer;
    const at = this.imagePointAt(clientX, clientY, false);
    const item = this.#viewer.world.getItemAt(0);
    if (at === null || item === undefined) return;
    viewport.zoomBy(factor, item.imageToViewportCoordinates(at.x, at.y));
    viewport.applyConstraints();
  }

  /** Clockwise as it is seen. */
  rotateBy(degrees: number): void {
    const { viewport } = this.#viewer;
    viewport.rotateBy(viewport.getFlip() ? -degrees : degrees);
  }

  flip(): void {
    this.#viewer.viewport.toggleFlip();
  }

  /** Level-0 pixels that one CSS pixel shows. */
  zoomTo(imagePixelsPerScreenPixel: number): void {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return;
    this.#viewer.viewport.zoomTo(item.imageToViewportZoom(1 / imagePixelsPerScreenPixel));
    this.#viewer.viewport.applyConstraints();
  }

  /** Puts a place in the middle of the view. */
  centreOn(x: number, y: number): void {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return;
    this.#viewer.viewport.panTo(item.imageToViewportCoordinates(x, y));
  }

  /** The level-0 pixel under a place of the page. @param insideOnly null where that is outside of the image */
  imagePointAt(clientX: number, clientY: number, insideOnly = true): { x: number; y: number } | null {
    const view = this.#transform();
    if (view === null) return null;
    const area = this.#viewer.element.getBoundingClientRect();
    const { x, y } = toImage(view, clientX - area.left, clientY - area.top);
    const isInside = x >= 0 && y >= 0 && x < this.#image.width && y < this.#image.height;
    return insideOnly && !isInside ? null : { x, y };
  }

  /** The level-0 pixel in the middle of the view, when the view has come to rest, and CSS pixels per level-0 pixel there. */
  crosshair(): { at: [x: number, y: number]; scale: number } | null {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return null;
    const { viewport } = this.#viewer;
    const { x, y } = item.viewportToImageCoordinates(viewport.getCenter(false));
    return { at: [x, y], scale: item.viewportToImageZoom(viewport.getZoom(false)) };
  }

  /** Goes where a rectangle (level-0 pixels) can be seen with its surroundings. A view that is closer than that stays as close. */
  flyTo(rect: Rect): void {
    const item = this.#viewer.world.getItemAt(0);
    const view = this.#view;
    if (item === undefined || view === null) return;
    // Small things with 8 times their size around them, large ones (tiles) with a margin; never beyond the whole image.
    const longest = Math.max(rect.width, rect.height);
    const wanted = Math.min(
      Math.max(longest * 1.6, Math.min(longest * 8, 640), 256),
      Math.max(this.#image.width, this.#image.height),
    );
    const screen = view.turn ?? view;
    const shown = Math.min(screen.width, screen.height) / view.scale;
    const size = shown < wanted * 3 && shown > wanted / 2.5 ? shown : wanted * 1.2;
    const height = size * (screen.height / Math.min(screen.width, screen.height));
    const width = size * (screen.width / Math.min(screen.width, screen.height));
    const centreX = rect.x + rect.width / 2;
    const centreY = rect.y + rect.height / 2;
    this.#viewer.viewport.fitBounds(
      item.imageToViewportRectangle(centreX - width / 2, centreY - height / 2, width, height),
    );
  }

  /** What the view shows of the image, level-0 pixels; of a turned view the upright rectangle around it. */
  visible(): Rect | null {
    return this.#view === null ? null : shownPart(this.#view, this.#image);
  }

  /** Where the view is in this frame; null before the image is there. */
  place(): ViewPlace | null {
    const view = this.#transform();
    if (view === null) return null;
    const { width, height } = view.turn ?? view;
    return {
      ...toImage(view, width / 2, height / 2),
      scale: view.scale,
      degrees: view.turn?.degrees ?? 0,
      isFlipped: view.turn?.isFlipped ?? false,
    };
  }

  /** Goes to a place at once, as another view leads. */
  show({ x, y, scale, degrees, isFlipped }: ViewPlace): void {
    const item = this.#viewer.world.getItemAt(0);
    if (item === undefined) return;
    const { viewport } = this.#viewer;
    this.#leading = true;
    if (viewport.getFlip() !== isFlipped) viewport.setFlip(isFlipped);
    viewport.setRotation(degrees, true);
    viewport.zoomTo(item.imageToViewportZoom(scale), undefined, true);
    viewport.panTo(item.imageToViewportCoordinates(x, y), true);
  }

  /** The last move was made by `show`. */
  get isLed(): boolean {
    return this.#isLed;
  }

  /** Whether a rectangle (level-0 pixels) is in the view, not at its very edge, and large enough to be judged. */
  isInSight(rect: Rect): boolean {
    return this.#view !== null && isInSight(this.#view, rect);
  }

  close(): void {
    this.#picture.close();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#restTimer);
    this.#tracker.disconnect();
    this.#overlay.dispose();
    this.#viewer.destroy();
  }

  #tick(events: ViewerEvents): void {
    const view = this.#transform();
    if (view === null || (this.#view !== null && isSameView(this.#view, view))) return;
    clearTimeout(this.#restTimer);
    this.#view = view;
    this.#isLed = this.#leading;
    this.#leading = false;
    // In the same frame as the image, so that the overlay never lags behind it; a redraw that waits for this frame is done with it.
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#scene !== null) this.#overlay.draw(view, this.#scene);
    events.onView(view);
  }

  #rest(events: ViewerEvents): void {
    this.#tick(events);
    clearTimeout(this.#restTimer);
    if (this.#view === null) return;
    events.onRest(shownPart(this.#view, this.#image));
  }

  #transform(): ViewTransform | null {
    return transformOf(this.#viewer, this.#image);
  }
}
