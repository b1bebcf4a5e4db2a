/** Before a remote model's first run in a case: what would leave this machine, to where, and whether the person agrees. */
import { useState } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { useController } from '../app/controller-context.ts';
import type { RemoteLeaves } from '../state/controller.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { words } from '../words/words.ts';

interface ConsentDialogProps {
  modelKey: string;
  leaves: RemoteLeaves;
  onAgreed: () => void;
  onClose: () => void;
}

export function ConsentDialog({ modelKey, leaves, onAgreed, onClose }: ConsentDialogProps) {
  const controller = useController();
  const reviewer = usePreferences((state) => state.reviewer);
  const [who, setWho] = useState(reviewer);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<PlainError | null>(null);
  const agree = async () => {
    setSaving(true);
    const failed = await controller.consent(modelKey, who.trim());
    setSaving(false);
    setError(failed);
    if (failed === null) onAgreed();
  };
  return (
    <Dialog
      title={words.runs.sendPartsOfThisImageTo(leaves.endpoint)}
      open
      wide
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {words.runs.keepEverythingHere}
          </Button>
          <Button tone="primary" disabled={who.trim() === '' || saving} onClick={() => void agree()}>
            {words.runs.agreeForThisCaseAndStart}
          </Button>
        </>
      }
    >
      <div className="model-form">
        <p className="model-form-lead">{words.runs.doesNotRunOnThisComputer(leaves.model)}</p>
        <ul className="bullets">
          {leaves.leaves.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <label className="field">
          <span className="label">{words.runs.whoAgrees}</span>
          <input
            className="input"
            autoComplete="off"
            value={who}
            onChange={(event) => setWho(event.target.value)}
          />
          <span className="field-hint">{words.runs.keptInTheCaseWithTheTime}</span>
        </label>
        {error !== null && <ErrorNote title={words.runs.thisWasNotRecorded} error={error} />}
      </div>
    </Dialog>
  );
}
