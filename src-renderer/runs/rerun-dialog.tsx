/** Asks before the visible part is analysed again: how much of the run it is, and what stays. */
import { useState } from 'react';
import { tilesIn } from '../../src-main/core/grid.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { count, plural } from '../ui/format.ts';
import { currentViewer } from '../viewer/current-viewer.ts';

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
      title="Analyse the visible part again?"
      open
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" disabled={tiles === 0} onClick={again}>
            Analyse {plural(tiles, 'tile')} again
          </Button>
        </>
      }
    >
      <p className="rerun-words">
        {tiles === 0
          ? 'No tile of this run is in view.'
          : `${count(tiles)} of ${plural(run.tiles.total, 'tile')} are in view. They are analysed as if for the first time, in the same run; those that were skipped stay so.`}
      </p>
      <p>
        Your decisions stay with the findings that come out again. What happened is kept in the log of the
        case.
      </p>
    </Dialog>
  );
}
