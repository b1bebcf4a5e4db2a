/** Keys of endpoints: their names are shown, their values never come back. */
import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useController } from '../app/controller-context.ts';
import { useSettings } from '../state/kept-settings.ts';
import { Button, IconButton } from '../ui/button.tsx';

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
    <section aria-label="Keys of endpoints">
      <h3 className="section-title">Keys of endpoints</h3>
      <p className="field-hint">
        {secrets === null
          ? 'Looking for the keychain…'
          : secrets.untilQuit === null
            ? 'Kept in this system’s keychain, never in a case, a report or a log.'
            : `${secrets.untilQuit} Keys are kept until the program ends, and are not written down.`}
      </p>
      {secrets !== null && secrets.names.length > 0 && (
        <ul className="stored-keys" aria-label="Stored keys">
          {secrets.names.map((stored) => (
            <li key={stored} className="switch-row">
              <span className="label">{stored}</span>
              <IconButton label={`Forget ${stored}`} onClick={() => void settings.setSecret(stored, null)}>
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
          <span className="label">Name</span>
          <input
            className="input"
            value={name}
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            placeholder="OPENAI_API_KEY"
            onChange={(event) => setName(event.target.value)}
          />
          <span className="field-hint">As the model’s remote.apiKeyVariable calls it.</span>
        </label>
        <label className="field">
          <span className="label">Key</span>
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
            Store the key
          </Button>
        </div>
      </form>
    </section>
  );
}
