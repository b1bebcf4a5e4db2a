/** How the image lies on the screen, out of OpenSeadragon's viewport, and what that means for parts of it. */
import OpenSeadragon from 'openseadragon';
import type { Rect } from '../../src-main/contract/run.ts';
import { toImage, toScreen, turnedSize, type Turn, type ViewTransform } from '../overlay/view-transform.ts';

/** What is nearer to the edge of the view than this part of it, or smaller on the screen (CSS pixels), is not in sight. */
const edgeOfSight = 0.06;
const leastInSight = 14;

/** From where the viewport is in this frame (not where it is going); null before the image is there. */
export function transformOf(viewer: OpenSeadragon.Viewer, image: { width: number }): ViewTransform | null {
  if (viewer.world.getItemAt(0) === undefined) return null;
  const { viewport } = viewer;
  const origin = viewport.pixelFromPointNoRotate(new OpenSeadragon.Point(0, 0), true);
  const corner = viewport.pixelFromPointNoRotate(new OpenSeadragon.Point(1, 0), true);
  const size = viewport.getContainerSize();
  const upright = {
    originX: origin.x,
    originY: origin.y,
    scale: (corner.x - origin.x) / image.width,
    width: size.x,
    height: size.y,
    density: window.devicePixelRatio,
  };
  const degrees = ((viewport.getRotation(true) % 360) + 360) % 360;
  const isFlipped = viewport.getFlip();
  if (degrees === 0 && !isFlipped) return upright;
  const turn: Turn = { degrees, isFlipped, width: size.x, height: size.y };
  const { width, height } = turnedSize(turn);
  return {
    ...upright,
    originX: origin.x + (width - size.x) / 2,
    originY: origin.y + (height - size.y) / 2,
    width,
    height,
    turn,
  };
}

/** Whether two views show the same in the same place. */
export function isSameView(a: ViewTransform, b: ViewTransform): boolean {
  return (
    a.originX === b.originX &&
    a.originY === b.originY &&
    a.scale === b.scale &&
    a.width === b.width &&
    a.height === b.height &&
    a.density === b.density &&
    a.turn?.degrees === b.turn?.degrees &&
    a.turn?.isFlipped === b.turn?.isFlipped
  );
}

/** What a view shows of the image, level-0 pixels; of a turned view the upright rectangle around it. */
export function shownPart(view: ViewTransform, image: { width: number; height: number }): Rect {
  const screen = view.turn ?? view;
  const corners = [0, 1, 2, 3].map((corner) =>
    toImage(view, corner % 2 === 0 ? 0 : screen.width, corner < 2 ? 0 : screen.height),
  );
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const x = Math.max(0, Math.min(...xs));
  const y = Math.max(0, Math.min(...ys));
  return {
    x,
    y,
    width: Math.max(0, Math.min(image.width, Math.max(...xs)) - x),
    height: Math.max(0, Math.min(image.height, Math.max(...ys)) - y),
  };
}

/** Whether a rectangle (level-0 pixels) is in the view, not at its very edge, and large enough to be judged. */
export function isInSight(view: ViewTransform, rect: Rect): boolean {
  const { width, height } = view.turn ?? view;
  const isInside = ({ x, y }: { x: number; y: number }): boolean =>
    x >= width * edgeOfSight &&
    y >= height * edgeOfSight &&
    x <= width * (1 - edgeOfSight) &&
    y <= height * (1 - edgeOfSight);
  return (
    isInside(toScreen(view, rect.x, rect.y)) &&
    isInside(toScreen(view, rect.x + rect.width, rect.y + rect.height)) &&
    Math.max(rect.width, rect.height) * view.scale >= leastInSight
  );
}
