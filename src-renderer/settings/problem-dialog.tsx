/** A problem is reported by a person, with a text that is seen as it is before it is saved. Nothing is sent. */
import { useState } from 'react';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { useAnswer } from '../client/use-answer.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { words } from '../words/words.ts';

const fileName = 'gigatile-problem.txt';

export function ProblemDialog() {
  const open = useApp((state) => state.dialog === 'problem');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title={words.settings.reportAProblem} open={open} wide onClose={() => setDialog(null)}>
      <Problem />
    </Dialog>
  );
}

function Problem() {
  const controller = useController();
  const isNative = useApp((state) => state.info?.picker === 'native');
  const setDialog = useApp((state) => state.setDialog);
  const [changed, setChanged] = useState<string | null>(null);
  const { value, error } = useAnswer('problem', (signal) =>
    controller.connection.api.app.problemReport(undefined, { signal }),
  );
  if (error !== null) return <ErrorNote title={words.settings.theReportCouldNotBeMade} error={error} />;
  if (value === null) return <Skeleton rows={8} height={24} />;
  const text = changed ?? value.text;
  const save = async (): Promise<void> => {
    try {
      if (!isNative) saveInBrowser(text);
      else {
        const { savedAs } = await controller.connection.api.app.saveProblemReport({ text });
        if (savedAs === null) return;
        useApp
          .getState()
          .notify({ tone: 'success', title: words.settings.theReportIsSaved, detail: savedAs });
      }
      setDialog(null);
    } catch (reason) {
      notifyError(words.settings.theReportCouldNotBeSaved, plainErrorOf(reason));
    }
  };
  return (
    <div className="form">
      <label className="field">
        <span className="label">{words.settings.thisIsAllThatIsSaved}</span>
        <textarea
          className="input problem-text"
          rows={18}
          spellCheck={false}
          value={text}
          onChange={(event) => setChanged(event.target.value)}
        />
        <span className="field-hint">{words.settings.namesOfImagesFoldersAndPeople}</span>
      </label>
      <div>
        <Button tone="primary" onClick={() => void save()}>
          {words.settings.saveTheReport}
        </Button>
      </div>
    </div>
  );
}

function saveInBrowser(text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.download = fileName;
  anchor.click();
  URL.revokeObjectURL(href);
}
