/** Over the run's bar: what stands between a person and going on with this case, and how to get past it. */
import { Copy, FileSearch, Lock, Server } from 'lucide-react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { isAboutImage, LocateButton } from '../app/locate-image.tsx';
import { plainErrorOf } from '../client/plain-error.ts';
import { HotspotLine } from '../findings/hotspot-line.tsx';
import { useHotspotSearch } from '../findings/hotspot-search.ts';
import { WritingLine } from '../report/writing-line.tsx';
import { notifyError, useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { useWriting } from '../state/writing.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { locateModel } from './case-actions.ts';
import { words } from '../words/words.ts';

function isAboutModel(error: PlainError): boolean {
  return error.code === 'model-not-found' || error.code === 'model-changed';
}

/** While it goes on too: then it waits, and goes on by itself. */
function isAboutQueue(error: PlainError, run: RunView | null): boolean {
  const isOpen = run?.state === 'running' || run?.state === 'paused';
  const codes: readonly string[] = ['queue-unreachable', 'queue-refused', 'conflict'];
  return isOpen && run.parameters.queue !== undefined && codes.includes(error.code);
}

export function CaseNotices() {
  const readOnly = useCase((state) => state.caseView?.readOnly);
  const run = useCase(selectedRun);
  const error = useCase((state) => state.live?.lastError ?? null);
  const reason = run?.state === 'paused' ? error : null;
  const isKnown =
    reason !== null && (isAboutImage(reason) || isAboutModel(reason) || reason.code === 'disk-full');
  const queueError = error !== null && isAboutQueue(error, run) ? error : null;
  const isWriting = useWriting(({ items }) => items.length > 0);
  const isSearching = useHotspotSearch(({ isTold }) => isTold);
  if (readOnly === undefined && !isKnown && queueError === null && !isWriting && !isSearching) return null;
  return (
    <div className="image-notice">
      {readOnly !== undefined && <OnlyLook reason={readOnly} />}
      {isKnown && run !== null && <Waits error={reason} caseId={run.caseId} />}
      {queueError !== null && <WaitsForQueue error={queueError} />}
      <WritingLine />
      <HotspotLine />
    </div>
  );
}

function OnlyLook({ reason }: { reason: string }) {
  return (
    <div className="note" role="status">
      <Lock aria-hidden />
      <div>
        <div className="note-title">{words.caseFile.thisCaseCanOnlyBeLooked}</div>
        <div>{words.caseFile.nothingCanBeAnalysedJudgedOrDrawn(reason)}</div>
        <CommandAction id="save-copy" size="small" showsKey={false}>
          <Copy aria-hidden />
          {words.caseFile.saveACopyToWorkOn}
        </CommandAction>
      </div>
    </div>
  );
}

function Waits({ error, caseId }: { error: PlainError; caseId: string }) {
  if (isAboutImage(error)) {
    return (
      <ErrorNote title={words.caseFile.theRunWaitsForItsImage} error={error}>
        <LocateButton locating={{ caseId }} />
      </ErrorNote>
    );
  }
  if (isAboutModel(error)) {
    return (
      <ErrorNote title={words.caseFile.theRunWaitsForItsModel} error={error}>
        <LocateModelButton />
      </ErrorNote>
    );
  }
  return <ErrorNote title={words.caseFile.theRunWaitsForRoomOnTheDisk} error={error} />;
}

function WaitsForQueue({ error }: { error: PlainError }) {
  const setDialog = useApp((state) => state.setDialog);
  return (
    <ErrorNote title={words.caseFile.theRunWaitsForItsQueue} error={error}>
      <Button size="small" onClick={() => setDialog('machines')}>
        <Server aria-hidden />
        {words.caseFile.machines}
      </Button>
    </ErrorNote>
  );
}

function LocateModelButton() {
  const controller = useController();
  const picker = useApp((state) => state.info?.picker);
  const locate = async (): Promise<void> => {
    if (picker !== 'native') {
      useApp.setState({ dialog: 'browse-model', locatingModel: true });
      return;
    }
    try {
      const [file] = await controller.connection.api.files.pick({ kind: 'model' });
      if (file !== undefined) await locateModel(controller, file.id, file.name);
    } catch (failure) {
      notifyError(words.caseFile.theOpenDialogFailed, plainErrorOf(failure));
    }
  };
  return (
    <Button size="small" onClick={() => void locate()}>
      <FileSearch aria-hidden />
      {words.caseFile.locateTheModel}
    </Button>
  );
}
