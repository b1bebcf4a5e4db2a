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
import { words } from '../words/words.ts';

export function SettingsDialog() {
  const open = useApp((state) => state.dialog === 'settings');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog
      title={words.settings.settings}
      open={open}
      onClose={() => setDialog(null)}
      footer={
        <>
          <Button onClick={() => setDialog('keys')}>{words.settings.keysOfTheKeyboard}</Button>
          <Button tone="primary" onClick={() => setDialog(null)}>
            {words.settings.done}
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
        <span className="label">{words.settings.reviewer}</span>
        <input
          className="input"
          value={reviewer}
          maxLength={120}
          placeholder={words.settings.yourNameOrInitials}
          onChange={(event) => setReviewer(event.target.value)}
        />
        <span className="field-hint">{words.settings.storedWithEachFindingThatYou}</span>
      </label>
      <div className="field">
        <span className="label">{words.settings.theme}</span>
        <div>
          <Segmented
            label={words.settings.theme}
            value={theme}
            options={themes.map((value) => ({ value, label: words.settings.themes[value] }))}
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
        <span className="label">{words.settings.workersOfARun}</span>
        <input
          className="input"
          type="number"
          min={1}
          max={64}
          placeholder={words.settings.automatic}
          value={workers ?? ''}
          onChange={(event) => kept.change({ workers: number(event.target.value, 1, 64) })}
        />
        <span className="field-hint">{words.settings.forRunsThatNameNoNumber}</span>
      </label>
      <label className="field">
        <span className="label">{words.settings.roomForPreparedImagesGb}</span>
        <input
          className="input"
          type="number"
          min={0}
          max={100000}
          placeholder={words.settings.of20OrAQuarterOfWhatIsFree}
          value={cacheGigabytes ?? ''}
          onChange={(event) => kept.change({ cacheGigabytes: number(event.target.value, 0, 100_000) })}
        />
        <span className="field-hint">{words.settings.fromTheNextStartOnImages}</span>
      </label>
    </>
  );
}

function Desktop() {
  const { settings: kept } = useController();
  const isDesktop = useApp((state) => state.info?.shell === 'electron');
  const { keepAwake, notify, rememberFiles, useGpu, checkForUpdates } = useSettings(
    (state) => state.settings,
  );
  if (!isDesktop) return null;
  return (
    <section aria-label={words.settings.thisComputer}>
      <h3 className="section-title">{words.settings.thisComputer}</h3>
      <SwitchRow
        label={words.settings.staysAwakeWhileARunGoes}
        checked={keepAwake}
        onChange={(next) => kept.change({ keepAwake: next })}
      />
      <SwitchRow
        label={words.settings.saysWhenARunEndsUnseen}
        checked={notify}
        onChange={(next) => kept.change({ notify: next })}
      />
      <SwitchRow
        label={words.settings.remembersOpenedFilesInMenus}
        checked={rememberFiles}
        onChange={(next) => kept.change({ rememberFiles: next })}
      />
      <SwitchRow
        label={words.settings.drawsWithTheGraphicsProcessorFromTheNext}
        checked={useGpu}
        onChange={(next) => kept.change({ useGpu: next })}
      />
      <SwitchRow
        label={words.settings.looksForANewerVersionOnceADay}
        checked={checkForUpdates}
        onChange={(next) => kept.change({ checkForUpdates: next })}
      />
    </section>
  );
}
