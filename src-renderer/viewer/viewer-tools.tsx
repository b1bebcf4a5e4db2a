/** Tools at the image's edge. */
import {
  Contrast,
  Crosshair,
  FlipHorizontal2,
  Grid2x2,
  Hand,
  LocateFixed,
  Maximize,
  Minus,
  Plus,
  RotateCw,
  SquareMousePointer,
} from 'lucide-react';
import { DrawingTools } from '../annotations/drawing-tools.tsx';
import { CommandButton } from '../app/command-button.tsx';
import { useLook } from '../look/look-store.ts';
import { useView } from '../state/view-store.ts';
import { words } from '../words/words.ts';

export function ViewerTools() {
  const tool = useView((state) => state.tool);
  const showTiles = useView((state) => state.showTiles);
  const showFindings = useView((state) => state.showFindings);
  const lookOpen = useLook((state) => state.panelOpen);
  return (
    // No toolbar: its arrow keys would go from tool to tool, and they move the view.
    <div className="viewer-tools" role="group" aria-label={words.viewer.imageTools}>
      <div className="tool-group">
        <CommandButton id="zoom-in" side="right">
          <Plus aria-hidden />
        </CommandButton>
        <CommandButton id="zoom-out" side="right">
          <Minus aria-hidden />
        </CommandButton>
        <CommandButton id="fit" side="right">
          <Maximize aria-hidden />
        </CommandButton>
        <CommandButton id="actual" side="right">
          <span className="tool-text">1:1</span>
        </CommandButton>
      </div>
      <div className="tool-group">
        <CommandButton id="rotate-right" side="right">
          <RotateCw aria-hidden />
        </CommandButton>
        <CommandButton id="flip" side="right">
          <FlipHorizontal2 aria-hidden />
        </CommandButton>
        <CommandButton id="go-to" side="right">
          <LocateFixed aria-hidden />
        </CommandButton>
      </div>
      <div className="tool-group">
        <CommandButton id="move" label={words.viewer.move} side="right" pressed={tool === 'move'}>
          <Hand aria-hidden />
        </CommandButton>
        <CommandButton
          id="inspect"
          label={words.viewer.inspectTiles}
          side="right"
          pressed={tool === 'inspect'}
        >
          <SquareMousePointer aria-hidden />
        </CommandButton>
      </div>
      <DrawingTools orientation="vertical" />
      <div className="tool-group">
        <CommandButton id="tiles" label={words.viewer.tileColours} side="right" pressed={showTiles}>
          <Grid2x2 aria-hidden />
        </CommandButton>
        <CommandButton id="findings" label={words.viewer.findings} side="right" pressed={showFindings}>
          <Crosshair aria-hidden />
        </CommandButton>
        <CommandButton id="look" side="right" pressed={lookOpen}>
          <Contrast aria-hidden />
        </CommandButton>
      </div>
    </div>
  );
}
