/** What a person sets once. */
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { useSettings } from '../state/kept-settings.ts';
import { themes, usePreferences } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { StoredKeys } from './stored-keys.tsx';

const themeNames = { dark: 'Dark', light: 'Light', system: 'System' } as const;

export function SettingsDialog() {
  const open = useApp((state) => state.dialog === 'settings');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog
      title="Settings"
      open={open}
      onClose={() => setDialog(null)}
      footer={
        <>
          <Button onClick={() => setDialog('keys')}>Keys of the keyboard…</Button>
          <Button tone="primary" onClick={() => setDialog(null)}>
            Done
          </Button>
        </>
      }
    >
      <div className="form">
        <Person />
        <Machine />
        <Desktop />
        <StoredKeys />
      </div>
    </Dialog>
  );
}

function Person() {
  const { theme, setTheme, reviewer, setReviewer } = usePreferences();
  return (
    <>
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
    </>
  );
}

/** Empty is what the program finds best by itself. */
function Machine() {
  const { settings: kept } = useController();
  const { workers, cacheGigabytes } = useSettings((state) => state.settings);
  const number = (text: string, low: number, high: number): number | null => {
    const value = Number(text);
    return text.trim() === '' || !Number.isFinite(value)
      ? null
      : Math.min(high, Math.max(low, Math.round(value)));
  };
  return (
    <>
      <label className="field">
        <span className="label">Workers of a run</span>
        <input
          className="input"
          type="number"
          min={1}
          max={64}
          placeholder="automatic"
          value={workers ?? ''}
          onChange={(event) => kept.change({ workers: number(event.target.value, 1, 64) })}
        />
        <span className="field-hint">For runs that name no number themselves.</span>
      </label>
      <label className="field">
        <span className="label">Room for prepared images, GB</span>
        <input
          className="input"
          type="number"
          min={0}
          max={100000}
          placeholder="20, or a quarter of what is free"
          value={cacheGigabytes ?? ''}
          onChange={(event) => kept.change({ cacheGigabytes: number(event.target.value, 0, 100_000) })}
        />
        <span className="field-hint">
          From the next start on. Images that are not needed any more go first.
        </span>
      </label>
    </>
  );
}

function Desktop() {
  const { settings: kept } = useController();
  const isDesktop = useApp((state) => state.info?.shell === 'electron');
  const { keepAwake, notify, rememberFiles, useGpu } = useSettings((state) => state.settings);
  if (!isDesktop) return null;
  return (
    <section aria-label="This computer">
      <h3 className="section-title">This computer</h3>
      <SwitchRow
        label="Stays awake while a run goes on"
        checked={keepAwake}
        onChange={(next) => kept.change({ keepAwake: next })}
      />
      <SwitchRow
        label="Says when a run ends unseen"
        checked={notify}
        onChange={(next) => kept.change({ notify: next })}
      />
      <SwitchRow
        label="Remembers opened files in menus"
        checked={rememberFiles}
        onChange={(next) => kept.change({ rememberFiles: next })}
      />
      <SwitchRow
        label="Draws with the graphics processor (from the next start on)"
        checked={useGpu}
        onChange={(next) => kept.change({ useGpu: next })}
      />
    </section>
  );
}
