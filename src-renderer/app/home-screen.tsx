/** Where everything starts: open an image, or go on with a case. */
import { Compass, FolderOpen, Keyboard, Layers, Settings, Stethoscope } from 'lucide-react';
import type { RecentCase } from '../../src-main/contract/api.ts';
import type { RunState } from '../../src-main/contract/run.ts';
import { HomeBatches } from '../batches/home-batches.tsx';
import { OpeningHelp } from '../case-file/opening-help.tsx';
import { useAnswer } from '../client/use-answer.ts';
import { cropsOf } from '../findings/crop-store.ts';
import { HomeMachines } from '../machines/home-machines.tsx';
import { stateLabel, stateTone } from '../runs/run-words.ts';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { CommandAction } from './command-action.tsx';
import { CommandButton } from './command-button.tsx';
import { useController } from './controller-context.ts';
import { Logo } from './logo.tsx';
import { OpenUrl } from './open-url.tsx';
import { useOpenFile } from './use-open-file.ts';
import { words } from '../words/words.ts';

export function HomeScreen() {
  const openError = useApp((state) => state.openError);
  const info = useApp((state) => state.info);
  const openFile = useOpenFile();
  const openFolder = useOpenFile('folder');
  return (
    <main className="home scroll">
      <div className="home-tools">
        <CommandButton id="keys">
          <Keyboard aria-hidden />
        </CommandButton>
        <CommandButton id="doctor">
          <Stethoscope aria-hidden />
        </CommandButton>
        <CommandButton id="settings">
          <Settings aria-hidden />
        </CommandButton>
      </div>
      <div className="home-column">
        <header className="home-head">
          <Logo size={44} />
          <div>
            <h1>{words.app.gigatile}</h1>
            <p>{words.app.reviewWhatAModelSaysAbout}</p>
          </div>
        </header>
        {openError !== null && (
          <ErrorNote title={words.app.couldNotBeOpened(openError.name)} error={openError.error}>
            <OpeningHelp failure={openError} />
          </ErrorNote>
        )}
        <section className="home-open" aria-label={words.app.openAnImage}>
          <Layers aria-hidden />
          <h2>{words.app.dropASlideOrAScene}</h2>
          <p>{words.app.wholeSlidesSvsNdpiScnBif}</p>
          <Button tone="primary" size="large" disabled={info === null} onClick={() => void openFile()}>
            <FolderOpen aria-hidden />
            {words.app.openAnImage}
          </Button>
          {info?.picker === 'native' && (
            <Button tone="quiet" size="small" onClick={() => void openFolder()}>
              {words.app.openAFolderOfPicturesAsOne}
            </Button>
          )}
          <p className="home-note">{words.app.theFileStaysWhereItIsNothing}</p>
        </section>
        <OpenUrl disabled={info === null} />
        <HomeBatches />
        <HomeMachines />
        <RecentCases />
        <TourOffer />
      </div>
      <footer className="home-foot">{info !== null && words.app.version(info.version)}</footer>
    </main>
  );
}

function RecentCases() {
  const controller = useController();
  const { value: cases, error } = useAnswer('recent', (signal) =>
    controller.connection.api.cases.recent(undefined, { signal }),
  );
  if (error !== null) return <ErrorNote title={words.app.theRecentCasesCouldNotBeRead} error={error} />;
  if (cases?.length === 0) return null;
  return (
    <section aria-label={words.app.recentCases}>
      <h2 className="section-title">{words.app.recent}</h2>
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
                <CasePicture recent={recent} />
                <span className="recent-name">{recent.imageName}</span>
                <RunChip state={recent.lastRunState} />
                <span className="recent-meta">
                  {recent.name} · {words.counts.runs(recent.runs)} · {moment(recent.modified)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the case holds of its image, which need not be there any more. */
function CasePicture({ recent }: { recent: RecentCase }) {
  const controller = useController();
  const { value: url, error } = useAnswer(recent.hasPicture ? recent.fileId : null, () =>
    cropsOf(controller.connection).ofCase(recent.fileId),
  );
  return (
    <span className="recent-picture" aria-hidden>
      {url !== null && error === null ? <img src={url} alt="" draggable={false} /> : <Layers />}
    </span>
  );
}

/** In full for who has never seen it, and small ever after. */
function TourOffer() {
  const isSeen = usePreferences((state) => state.tourSeen);
  return (
    <section className="home-hint" aria-label={words.app.tryIt}>
      <h2>{isSeen ? words.app.nothingAtHand : words.app.newHere}</h2>
      <p>{words.app.aSmallSlideOfMadeUpTissue}</p>
      <CommandAction id="tour" tone={isSeen ? 'quiet' : 'primary'}>
        <Compass aria-hidden />
        {words.app.tryItWithASampleSlide}
      </CommandAction>
    </section>
  );
}

function RunChip({ state }: { state: string | null }) {
  if (state === null) return <span className="chip">{words.app.noRunYet}</span>;
  const known = state as RunState;
  return <span className={`chip chip-${stateTone(known)}`}>{stateLabel(known)}</span>;
}
