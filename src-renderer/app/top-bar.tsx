/** Which image, which run, and what can be done with them. */
import {
  Columns2,
  FileCog,
  FolderOpen,
  GitCompareArrows,
  Keyboard,
  ListChecks,
  Settings,
  Stethoscope,
} from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import { useCompare } from '../compare/compare-store.ts';
import { ExportsMenu } from '../report/exports-menu.tsx';
import { stateLabel } from '../runs/run-words.ts';
import { useSplit } from '../split/split-store.ts';
import { useBatches } from '../state/batch-store.ts';
import { useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { count, moment, pixels, locale } from '../ui/format.ts';
import { Select } from '../ui/select.tsx';
import { CommandAction } from './command-action.tsx';
import { CommandButton } from './command-button.tsx';
import { useController } from './controller-context.ts';
import { Logo } from './logo.tsx';
import { words } from '../words/words.ts';

export function TopBar({ caseView }: { caseView: CaseView }) {
  const controller = useController();
  const reviewer = usePreferences((state) => state.reviewer);
  const runId = useCase((state) => state.runId);
  const comparing = useCompare((state) => state.runB !== null);
  const split = useSplit((state) => state.shown !== null);
  const batchId = useBatches((state) => state.cameFrom);
  const { image } = caseView;
  const runs = caseView.runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <header className="top-bar">
      <CommandButton id="home" label={words.app.home}>
        <Logo size={26} />
      </CommandButton>
      {batchId !== null && (
        <CommandButton id="batch">
          <ListChecks aria-hidden />
        </CommandButton>
      )}
      <div className="image-title">
        <h1 title={image.name}>{image.name}</h1>
        <div className="image-facts numeric">{facts(image).join(' · ')}</div>
      </div>
      <div className="top-bar-tools">
        {runs.length > 0 && runId !== null && (
          <Select
            label={words.app.run}
            className="run-select"
            value={runId}
            options={runs.map((run) => ({
              value: run.id,
              label: `${run.id} · ${run.modelName}`,
              hint: `${moment(run.createdAt)}, ${stateLabel(run.state)}`,
            }))}
            onChange={(id) => controller.selectRun(id)}
          />
        )}
        {runs.length > 1 && (
          <CommandButton id="compare" pressed={comparing}>
            <GitCompareArrows aria-hidden />
          </CommandButton>
        )}
        <CommandButton id="split" pressed={split}>
          <Columns2 aria-hidden />
        </CommandButton>
        <ExportsMenu />
        <CommandButton id="case" side="bottom">
          <FileCog aria-hidden />
        </CommandButton>
        <span className="divider" aria-hidden />
        <CommandButton id="open">
          <FolderOpen aria-hidden />
        </CommandButton>
        <CommandButton id="keys">
          <Keyboard aria-hidden />
        </CommandButton>
        <CommandButton id="doctor">
          <Stethoscope aria-hidden />
        </CommandButton>
        <CommandButton id="settings">
          <Settings aria-hidden />
        </CommandButton>
        <CommandAction
          id="settings"
          showsKey={false}
          tone="quiet"
          className={reviewer.trim() === '' ? 'reviewer reviewer-unset' : 'reviewer'}
        >
          {reviewer.trim() === '' ? words.app.setReviewer : reviewer}
        </CommandAction>
      </div>
    </header>
  );
}

function facts(image: CaseView['image']): string[] {
  const result = [
    `${count(image.width)} × ${count(image.height)}`,
    pixels(image.width, image.height),
    image.parts !== undefined
      ? words.app.pictures(count(image.parts.length))
      : image.vendor === null || image.vendor === image.format
        ? image.format
        : `${image.format}, ${image.vendor}`,
  ];
  if (image.mpp !== null) result.push(`${Number(image.mpp.x.toPrecision(4)).toLocaleString(locale)} µm/px`);
  else if (image.geo !== null) {
    if (image.geo.metersPerPixel !== null) {
      result.push(`${Number(image.geo.metersPerPixel.x.toPrecision(4)).toLocaleString(locale)} m/px`);
    }
    if (image.geo.epsg !== null) result.push(`EPSG:${image.geo.epsg}`);
  } else result.push(words.app.noScale);
  if (image.bands !== 3 || image.dtype !== 'uint8') result.push(words.app.bands(image.bands, image.dtype));
  return result;
}
