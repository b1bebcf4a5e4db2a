/** What a person sets once. */
import { useApp } from '../state/app-store.ts';
import { themes, usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Segmented } from '../ui/segmented.tsx';

const themeNames = { dark: 'Dark', light: 'Light', system: 'System' } as const;

export function SettingsDialog() {
  const open = useApp((state) => state.dialog === 'settings');
  const setDialog = useApp((state) => state.setDialog);
  const { theme, setTheme, reviewer, setReviewer } = usePreferences();
  return (
    <Dialog
      title="Settings"
      open={open}
      onClose={() => setDialog(null)}
      footer={
        <Button tone="primary" onClick={() => setDialog(null)}>
          Done
        </Button>
      }
    >
      <div className="form">
        <label className="field">
          <span className="label">Reviewer</span>
          <input
            className="input"
            value={reviewer}
            maxLength={120}
            placeholder="Your name or initials"
            onChange={(event) => setReviewer(event.target.value)}
          />
          <span className="field-hint">
            Stored with each finding that you accept or reject, and in exports.
          </span>
        </label>
        <div className="field">
          <span className="label">Theme</span>
          <div>
            <Segmented
              label="Theme"
              value={theme}
              options={themes.map((value) => ({ value, label: themeNames[value] }))}
              onChange={setTheme}
            />
          </div>
        </div>
      </div>
    </Dialog>
  );
}
