/** Where everything starts: open an image, or go on with a case. */
import { Compass, FolderOpen, Keyboard, Layers, Settings, Stethoscope } from 'lucide-react';
import type { RunState } from '../../src-main/contract/run.ts';
import { HomeBatches } from '../batches/home-batches.tsx';
import { OpeningHelp } from '../case-file/opening-help.tsx';
import { useAnswer } from '../client/use-answer.ts';
import { HomeMachines } from '../machines/home-machines.tsx';
import { stateLabel, stateTone } from '../runs/run-words.ts';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { startTour } from '../tour/tour-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { moment, plural } from '../ui/format.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { useController } from './controller-context.ts';
import { Logo } from './logo.tsx';
import { OpenUrl } from './open-url.tsx';
import { useOpenFile } from './use-open-file.ts';

export function HomeScreen() {
  const setDialog = useApp((state) => state.setDialog);
  const openError = useApp((state) => state.openError);
  const info = useApp((state) => state.info);
  const openFile = useOpenFile();
  const openFolder = useOpenFile('folder');
  return (
    <main className="home scroll">
      <div className="home-tools">
        <IconButton label="Keys" shortcut="?" onClick={() => setDialog('keys')}>
          <Keyboard aria-hidden />
        </IconButton>
        <IconButton label="What works here" onClick={() => setDialog('doctor')}>
          <Stethoscope aria-hidden />
        </IconButton>
        <IconButton label="Settings" onClick={() => setDialog('settings')}>
          <Settings aria-hidden />
        </IconButton>
      </div>
      <div className="home-column">
        <header className="home-head">
          <Logo size={44} />
          <div>
            <h1>Gigatile</h1>
            <p>Review what a model says about an image that is too large to load.</p>
          </div>
        </header>
        {openError !== null && (
          <ErrorNote title={`${openError.name} could not be opened`} error={openError.error}>
            <OpeningHelp failure={openError} />
          </ErrorNote>
        )}
        <section className="home-open" aria-label="Open an image">
          <Layers aria-hidden />
          <h2>Drop a slide or a scene here</h2>
          <p>
            Whole slides (SVS, NDPI, SCN, BIF, Philips, OME-TIFF, DICOM), GeoTIFF, COG and JPEG 2000, PNG,
            JPEG, WebP, or a .gigatile case
          </p>
          <Button tone="primary" size="large" disabled={info === null} onClick={() => void openFile()}>
            <FolderOpen aria-hidden />
            Open an image
          </Button>
          {info?.picker === 'native' && (
            <Button tone="quiet" size="small" onClick={() => void openFolder()}>
              Open a folder of pictures as one image
            </Button>
          )}
          <p className="home-note">The file stays where it is. Nothing leaves this computer.</p>
        </section>
        <OpenUrl disabled={info === null} />
        <HomeBatches />
        <HomeMachines />
        <RecentCases />
        <TourOffer />
      </div>
      <footer className="home-foot">{info !== null && `Version ${info.version}`}</footer>
    </main>
  );
}

function RecentCases() {
  const controller = useController();
  const { value: cases, error } = useAnswer('recent', (signal) =>
    controller.connection.api.cases.recent(undefined, { signal }),
  );
  if (error !== null) return <ErrorNote title="The recent cases could not be read" error={error} />;
  if (cases?.length === 0) return null;
  return (
    <section aria-label="Recent cases">
      <h2 className="section-title">Recent</h2>
      {cases === null ? (
        <Skeleton rows={2} height={64} />
      ) : (
        <ul className="recent">
          {cases.map((recent) => (
            <li key={recent.fileId}>
              <button
                type="button"
                className="recent-case"
                onClick={() => void controller.openFile(recent.fileId, recent.imageName)}
              >
                <span className="recent-name">{recent.imageName}</span>
                <RunChip state={recent.lastRunState} />
                <span className="recent-meta">
                  {recent.name} · {plural(recent.runs, 'run')} · {moment(recent.modified)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** In full for who has never seen it, and small ever after. */
function TourOffer() {
  const controller = useController();
  const isSeen = usePreferences((state) => state.tourSeen);
  return (
    <section className="home-hint" aria-label="Try it">
      <h2>{isSeen ? 'Nothing at hand?' : 'New here?'}</h2>
      <p>
        A small slide of made-up tissue comes with Gigatile, with nuclei whose positions are known. Four steps
        show how a review goes.
      </p>
      <Button tone={isSeen ? 'quiet' : 'primary'} onClick={() => void startTour(controller)}>
        <Compass aria-hidden />
        Try it with a sample slide
      </Button>
    </section>
  );
}

function RunChip({ state }: { state: string | null }) {
  if (state === null) return <span className="chip">no run yet</span>;
  const known = state as RunState;
  return <span className={`chip chip-${stateTone(known)}`}>{stateLabel(known)}</span>;
}
