/**
 * What a drawing tool wants next and what the last key did, on the image and for screen readers. It is there all the time: they read
 * only what changes in it, and the end of a drawing comes after its tool was put away.
 */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { shownChord } from '../app/commands/chord.ts';
import { commandOf, keysOf, type KeyChoices } from '../app/commands/registry.ts';
import { usePreferences } from '../state/preferences.ts';
import type { DrawingTool } from '../state/view-store.ts';
import { useLonLat } from '../viewer/projection.ts';
import { placeWords } from '../viewer/scale-bar.ts';
import { words } from '../words/words.ts';
import { useDrawing, type Told } from './drawing-store.ts';
import { isRing, leastPoints, type Point } from './key-drawing.ts';
import { measureWords } from './measure.ts';

const byMouse: Record<DrawingTool, string> = {
  rectangle: words.annotations.dragARectangle,
  ellipse: words.annotations.dragAnEllipse,
  polygon: words.annotations.clickEachCornerEnterOrAClick,
  freehand: words.annotations.drawAroundTheRegion,
  point: words.annotations.clickEachPoint,
  ruler: words.annotations.dragFromOneEndToTheOther,
};

interface DrawingStatusProps {
  image: ImageInfo & { id: string };
  tool: DrawingTool | null;
}

export function DrawingStatus({ image, tool }: DrawingStatusProps) {
  const { isByKeys, told } = useDrawing();
  const choices = usePreferences((state) => state.keys);
  const lonLat = useLonLat(image);
  const place = ([x, y]: Point): string => placeWords(image, x, y, lonLat);
  const hint = (of: DrawingTool): string =>
    words.annotations.escapeEnds(
      isByKeys
        ? words.annotations.setsAtTheCrosshair(keyOf('draw-set', choices), words.annotations.firstPlace[of])
        : byMouse[of],
    );
  const tell = (known: Told): string => {
    switch (known.kind) {
      case 'set':
        return setWords(known.points, tool, place, choices);
      case 'done': {
        const { kind, points } = known.shape;
        const [at] = points;
        return kind === 'point' && at !== undefined
          ? words.annotations.pointSet(place(at), keyOf('draw-set', choices))
          : words.annotations.drawn(words.annotations.kinds[kind], measureWords(known.shape, image, lonLat));
      }
      case 'back':
        return words.annotations.pointTakenBack(known.points.length + 1, known.points.length);
      case 'dropped':
        return words.annotations.allPointsDropped;
      case 'refused':
        return words.annotations.refused[known.why];
    }
  };
  return (
    <div className={tool === null ? 'visually-hidden' : 'drawing-hint numeric'} role="status">
      {told !== null ? tell(told) : tool !== null ? hint(tool) : ''}
    </div>
  );
}

function setWords(
  points: readonly Point[],
  tool: DrawingTool | null,
  place: (at: Point) => string,
  choices: KeyChoices,
): string {
  const last = points.at(-1);
  if (tool === null || last === undefined) return '';
  const next = words.annotations.pointSetNext(
    points.length,
    place(last),
    keyOf('draw-set', choices),
    words.annotations.nextPlace[tool],
  );
  const canEnd = isRing(tool) && points.length >= leastPoints(tool);
  return canEnd ? words.annotations.andEndsThePolygon(next, keyOf('draw-end', choices)) : next;
}

/** The key of a command as it is bound now; its name where it has none. */
function keyOf(id: string, choices: KeyChoices): string {
  const command = commandOf(id);
  const [chord] = keysOf(command, choices);
  return chord === undefined ? command.label : shownChord(chord);
}
