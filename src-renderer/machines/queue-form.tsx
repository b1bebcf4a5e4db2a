/** Which queue: its place and who one is there. It is connected to before it is taken. */
import { useState } from 'react';
import type { FormEvent } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { QueueSetting } from '../../src-main/contract/fleet.ts';
import { useController } from '../app/controller-context.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { chooseQueue } from './fleet-actions.ts';
import { queueUrl, type QueueTexts } from './queue-url.ts';
import { words } from '../words/words.ts';

const tlsOptions = [
  {
    value: 'verify-full',
    label: words.machines.yesAndCheckTheCertificate,
    hint: words.machines.ofAKnownAuthorityForThisHost,
  },
  {
    value: 'no-verify',
    label: words.machines.yesWhoeverAnswers,
    hint: words.machines.nobodyCanListenButAnybodyCanPretend,
  },
  { value: '', label: words.machines.no, hint: words.machines.forAServerOnThisMachine },
] as const;

const empty: QueueTexts = { host: '', database: '', user: '', schema: '', tls: 'verify-full' };

interface QueueFormProps {
  setting: QueueSetting;
  onTaken: () => void;
  onCancel?: () => void;
}

export function QueueForm({ setting, onTaken, onCancel }: QueueFormProps) {
  const controller = useController();
  const [texts, setTexts] = useState(empty);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<PlainError | null>(null);
  const connect = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const order = { address: queueUrl(texts), ...(password !== '' && { password }) };
    const refused = await chooseQueue(controller, order);
    setBusy(false);
    setError(refused);
    if (refused !== null) return;
    setPassword('');
    onTaken();
  };
  const text = (
    field: Exclude<keyof QueueTexts, 'tls'>,
    label: string,
    placeholder: string,
    hint?: string,
  ) => (
    <label className="field">
      <span className="label">{label}</span>
      <input
        className="input"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={placeholder}
        value={texts[field]}
        onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
      />
      {hint !== undefined && <span className="field-hint">{hint}</span>}
    </label>
  );
  return (
    <form
      className="machines-form"
      aria-label={words.machines.queue}
      onSubmit={(event) => void connect(event)}
    >
      {text(
        'host',
        words.machines.server,
        words.machines.serverForInstance,
        words.machines.orTheWholeAddressPostgresUser,
      )}
      {text('database', words.machines.database, 'gigatile')}
      {text('user', words.machines.user, words.machines.yourNameThere)}
      <label className="field">
        <span className="label">{words.machines.password}</span>
        <input
          className="input"
          type="password"
          autoComplete="off"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <span className="field-hint">
          {setting.passwordKept
            ? words.machines.keptInThisSystemsKeychainNever
            : words.machines.keptUntilTheProgramEndsNever}
        </span>
      </label>
      <div className="field">
        <span className="label">{words.machines.encrypted}</span>
        <Select
          label={words.machines.encrypted}
          value={texts.tls}
          options={tlsOptions}
          onChange={(tls) => setTexts({ ...texts, tls })}
          className="select-wide"
        />
      </div>
      {text('schema', words.machines.team, 'gigatile', words.machines.schemaOfItsTablesSeveralTeams)}
      {error !== null && <ErrorNote title={words.machines.thisQueueWasNotTaken} error={error} />}
      <div className="machines-form-foot">
        {onCancel !== undefined && (
          <Button tone="quiet" onClick={onCancel}>
            {words.machines.cancel}
          </Button>
        )}
        <Button tone="primary" type="submit" disabled={busy || texts.host.trim() === ''}>
          {busy ? words.machines.connecting : words.machines.connect}
        </Button>
      </div>
    </form>
  );
}
