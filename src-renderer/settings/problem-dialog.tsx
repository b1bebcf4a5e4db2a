/** A problem is reported by a person, with a text that is seen as it is before it is saved. Nothing is sent. */
import { useState } from 'react';
import { useController } from '../app/controller-context.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { useAnswer } from '../client/use-answer.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';

const fileName = 'gigatile-problem.txt';

export function ProblemDialog() {
  const open = useApp((state) => state.dialog === 'problem');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title="Report a problem" open={open} wide onClose={() => setDialog(null)}>
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
  if (error !== null) return <ErrorNote title="The report could not be made" error={error} />;
  if (value === null) return <Skeleton rows={8} height={24} />;
  const text = changed ?? value.text;
  const save = async (): Promise<void> => {
    try {
      if (!isNative) saveInBrowser(text);
      else {
        const { savedAs } = await controller.connection.api.app.saveProblemReport({ text });
        if (savedAs === null) return;
        useApp.getState().notify({ tone: 'success', title: 'The report is saved', detail: savedAs });
      }
      setDialog(null);
    } catch (reason) {
      notifyError('The report could not be saved', plainErrorOf(reason));
    }
  };
  return (
    <div className="form">
      <label className="field">
        <span className="label">This is all that is saved</span>
        <textarea
          className="input problem-text"
          rows={18}
          spellCheck={false}
          value={text}
          onChange={(event) => setChanged(event.target.value)}
        />
        <span className="field-hint">
          Names of images, folders and people are taken out as far as they are known. Read it, write what
          happened, take out what should not leave. Nothing is sent: you decide who gets the file.
        </span>
      </label>
      <div>
        <Button tone="primary" onClick={() => void save()}>
          Save the report
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
