/** Asks before the visible part is analysed again: how much of the run it is, and what stays. */
import { useState } from 'react';
import { tilesIn } from '../../src-main/core/grid.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { count } from '../ui/format.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { words } from '../words/words.ts';

export function RerunDialog() {
  const open = useApp((state) => state.dialog === 'rerun');
  const setDialog = useApp((state) => state.setDialog);
  if (!open) return null;
  return <Question onClose={() => setDialog(null)} />;
}

function Question({ onClose }: { onClose: () => void }) {
  const controller = useController();
  const run = useCase(selectedRun);
  // As it was when the question was asked: the view cannot be moved behind it.
  const [region] = useState(() => currentViewer()?.visible() ?? null);
  if (run?.grid == null || region === null) return null;
  const tiles = tilesIn(run.grid, region).length;
  const again = () => {
    onClose();
    void controller.rerunRegion(region);
  };
  return (
    <Dialog
      title={words.runs.analyseTheVisiblePartAgain}
      open
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {words.runs.cancel}
          </Button>
          <Button tone="primary" disabled={tiles === 0} onClick={again}>
            {words.runs.analyseAgain(words.counts.tiles(tiles))}
          </Button>
        </>
      }
    >
      <p className="rerun-words">
        {tiles === 0
          ? words.runs.noTileOfThisRunIsInView
          : words.runs.ofAreInViewTheyAreAnalysed(count(tiles), words.counts.tiles(run.tiles.total))}
      </p>
      <p>{words.runs.yourDecisionsStayWithTheFindings}</p>
    </Dialog>
  );
}
