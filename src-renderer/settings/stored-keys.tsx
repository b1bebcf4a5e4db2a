/** Keys of endpoints: their names are shown, their values never come back. */
import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useController } from '../app/controller-context.ts';
import { useSettings } from '../state/kept-settings.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { words } from '../words/words.ts';

export function StoredKeys() {
  const { settings } = useController();
  const secrets = useSettings((state) => state.secrets);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  useEffect(() => void settings.loadSecrets(), [settings]);
  const store = async (): Promise<void> => {
    if (!(await settings.setSecret(name.trim(), value))) return;
    setName('');
    setValue('');
  };
  return (
    <section aria-label={words.settings.keysOfEndpoints}>
      <h3 className="section-title">{words.settings.keysOfEndpoints}</h3>
      <p className="field-hint">
        {secrets === null
          ? words.settings.lookingForTheKeychain
          : secrets.untilQuit === null
            ? words.settings.keptInThisSystemsKeychainNever
            : words.settings.keysAreKeptUntilTheProgram(secrets.untilQuit)}
      </p>
      {secrets !== null && secrets.names.length > 0 && (
        <ul className="stored-keys" aria-label={words.settings.storedKeys}>
          {secrets.names.map((stored) => (
            <li key={stored} className="switch-row">
              <span className="label">{stored}</span>
              <IconButton
                label={words.settings.forget(stored)}
                onClick={() => void settings.setSecret(stored, null)}
              >
                <Trash2 aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void store();
        }}
      >
        <label className="field">
          <span className="label">{words.settings.name}</span>
          <input
            className="input"
            value={name}
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            placeholder={words.settings.openaiApiKey}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="field-hint">{words.settings.asTheModelsRemoteApikeyvariableCalls}</span>
        </label>
        <label className="field">
          <span className="label">{words.settings.key}</span>
          <input
            className="input"
            type="password"
            value={value}
            maxLength={8192}
            autoComplete="off"
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        <div>
          <Button type="submit" disabled={name.trim() === '' || value.trim() === ''}>
            {words.settings.storeTheKey}
          </Button>
        </div>
      </form>
    </section>
  );
}
