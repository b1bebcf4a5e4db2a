/** Before a remote model's first run in a case: what would leave this machine, to where, and whether the person agrees. */
import { useState } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { useController } from '../app/controller-context.ts';
import type { RemoteLeaves } from '../state/controller.ts';
import { usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/messages.tsx';

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
      title={`Send parts of this image to ${leaves.endpoint}?`}
      open
      wide
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            Keep everything here
          </Button>
          <Button tone="primary" disabled={who.trim() === '' || saving} onClick={() => void agree()}>
            Agree for this case and start
          </Button>
        </>
      }
    >
      <div className="model-form">
        <p className="model-form-lead">
          {leaves.model} does not run on this computer. For each region that is looked at, this leaves it:
        </p>
        <ul className="bullets">
          {leaves.leaves.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <label className="field">
          <span className="label">Who agrees</span>
          <input
            className="input"
            autoComplete="off"
            value={who}
            onChange={(event) => setWho(event.target.value)}
          />
          <span className="field-hint">Kept in the case, with the time and what was told here.</span>
        </label>
        {error !== null && <ErrorNote title="This was not recorded" error={error} />}
      </div>
    </Dialog>
  );
}
