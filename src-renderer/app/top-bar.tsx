/** Which image, which run, and what can be done with them. */
import { FileCog, FolderOpen, Keyboard, ListChecks, Settings, Stethoscope } from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import { showBatch } from '../batches/batch-actions.ts';
import { ExportsMenu } from '../report/exports-menu.tsx';
import { stateLabel } from '../runs/run-words.ts';
import { useApp } from '../state/app-store.ts';
import { useBatches } from '../state/batch-store.ts';
import { useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { count, moment, pixels } from '../ui/format.ts';
import { Select } from '../ui/select.tsx';
import { CommandButton } from './command-button.tsx';
import { useController } from './controller-context.ts';
import { Logo } from './logo.tsx';
import { useOpenFile } from './use-open-file.ts';

export function TopBar({ caseView }: { caseView: CaseView }) {
  const controller = useController();
  const setDialog = useApp((state) => state.setDialog);
  const reviewer = usePreferences((state) => state.reviewer);
  const runId = useCase((state) => state.runId);
  const openFile = useOpenFile();
  const batchId = useBatches((state) => state.cameFrom);
  const { image } = caseView;
  const runs = caseView.runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <header className="top-bar">
      <button type="button" className="home-button" aria-label="Home" onClick={() => controller.goHome()}>
        <Logo size={26} />
      </button>
      {batchId !== null && (
        <IconButton label="Back to the batch" onClick={() => controller.goBackTo(() => showBatch(batchId))}>
          <ListChecks aria-hidden />
        </IconButton>
      )}
      <div className="image-title">
        <h1 title={image.name}>{image.name}</h1>
        <div className="image-facts numeric">{facts(image).join(' · ')}</div>
      </div>
      <div className="top-bar-tools">
        {runs.length > 0 && runId !== null && (
          <Select
            label="Run"
            className="run-select"
            value={runId}
            options={runs.map((run) => ({
              value: run.id,
              label: `${run.modelName}, ${moment(run.createdAt)}`,
              hint: stateLabel(run.state),
            }))}
            onChange={(id) => controller.selectRun(id)}
          />
        )}
        <ExportsMenu />
        <CommandButton id="case" side="bottom">
          <FileCog aria-hidden />
        </CommandButton>
        <span className="divider" aria-hidden />
        <IconButton label="Open another image" onClick={() => void openFile()}>
          <FolderOpen aria-hidden />
        </IconButton>
        <IconButton label="Keys" shortcut="?" onClick={() => setDialog('keys')}>
          <Keyboard aria-hidden />
        </IconButton>
        <IconButton label="What works here" onClick={() => setDialog('doctor')}>
          <Stethoscope aria-hidden />
        </IconButton>
        <IconButton label="Settings" onClick={() => setDialog('settings')}>
          <Settings aria-hidden />
        </IconButton>
        <Button
          tone="quiet"
          className={reviewer.trim() === '' ? 'reviewer reviewer-unset' : 'reviewer'}
          onClick={() => setDialog('settings')}
        >
          {reviewer.trim() === '' ? 'Set reviewer' : reviewer}
        </Button>
      </div>
    </header>
  );
}

function facts(image: CaseView['image']): string[] {
  const result = [
    `${count(image.width)} × ${count(image.height)}`,
    pixels(image.width, image.height),
    image.parts !== undefined
      ? `${count(image.parts.length)} pictures`
      : image.vendor === null || image.vendor === image.format
        ? image.format
        : `${image.format}, ${image.vendor}`,
  ];
  if (image.mpp !== null) result.push(`${Number(image.mpp.x.toPrecision(4))} µm/px`);
  else if (image.geo !== null) {
    if (image.geo.metersPerPixel !== null) {
      result.push(`${Number(image.geo.metersPerPixel.x.toPrecision(4)).toLocaleString('en')} m/px`);
    }
    if (image.geo.epsg !== null) result.push(`EPSG:${image.geo.epsg}`);
  } else result.push('no scale');
  if (image.bands !== 3 || image.dtype !== 'uint8') result.push(`${image.bands} bands ${image.dtype}`);
  return result;
}
