/** Tools at the image's edge. */
import { Contrast, Crosshair, Grid2x2, Hand, Maximize, Minus, Plus, SquareMousePointer } from 'lucide-react';
import { useLook } from '../look/look-store.ts';
import { useView } from '../state/view-store.ts';
import { IconButton } from '../ui/button.tsx';
import { currentViewer } from './current-viewer.ts';

export function ViewerTools() {
  const tool = useView((state) => state.tool);
  const showTiles = useView((state) => state.showTiles);
  const showFindings = useView((state) => state.showFindings);
  const set = useView((state) => state.set);
  const lookOpen = useLook((state) => state.panelOpen);
  const setLookOpen = useLook((state) => state.setPanelOpen);
  return (
    <div className="viewer-tools" role="toolbar" aria-label="Image tools" aria-orientation="vertical">
      <div className="tool-group">
        <IconButton label="Zoom in" shortcut="+" side="right" onClick={() => currentViewer()?.zoomBy(1.5)}>
          <Plus aria-hidden />
        </IconButton>
        <IconButton
          label="Zoom out"
          shortcut="-"
          side="right"
          onClick={() => currentViewer()?.zoomBy(1 / 1.5)}
        >
          <Minus aria-hidden />
        </IconButton>
        <IconButton label="Whole image" shortcut="0" side="right" onClick={() => currentViewer()?.fit()}>
          <Maximize aria-hidden />
        </IconButton>
        <IconButton
          label="Actual pixels"
          shortcut="1"
          side="right"
          onClick={() => currentViewer()?.actualPixels()}
        >
          <span className="tool-text">1:1</span>
        </IconButton>
      </div>
      <div className="tool-group">
        <IconButton
          label="Move"
          side="right"
          aria-pressed={tool === 'move'}
          onClick={() => set({ tool: 'move' })}
        >
          <Hand aria-hidden />
        </IconButton>
        <IconButton
          label="Inspect tiles"
          shortcut="I"
          side="right"
          aria-pressed={tool === 'inspect'}
          onClick={() => set({ tool: tool === 'inspect' ? 'move' : 'inspect' })}
        >
          <SquareMousePointer aria-hidden />
        </IconButton>
      </div>
      <div className="tool-group">
        <IconButton
          label="Tile colours"
          shortcut="T"
          side="right"
          aria-pressed={showTiles}
          onClick={() => set({ showTiles: !showTiles })}
        >
          <Grid2x2 aria-hidden />
        </IconButton>
        <IconButton
          label="Findings"
          shortcut="F"
          side="right"
          aria-pressed={showFindings}
          onClick={() => set({ showFindings: !showFindings })}
        >
          <Crosshair aria-hidden />
        </IconButton>
      </div>
      <div className="tool-group">
        <IconButton
          label="Bands and contrast"
          shortcut="B"
          side="right"
          aria-pressed={lookOpen}
          onClick={() => setLookOpen(!lookOpen)}
        >
          <Contrast aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
