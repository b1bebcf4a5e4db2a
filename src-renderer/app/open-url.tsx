/** An image on a server, by its address. The address can be a secret (presigned): it is not kept, and not shown again. */
import { Globe } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { Button } from '../ui/button.tsx';
import { useController } from './controller-context.ts';
import { words } from '../words/words.ts';

export function OpenUrl({ disabled }: { disabled: boolean }) {
  const controller = useController();
  const [url, setUrl] = useState('');
  const [error, setError] = useState<PlainError | null>(null);
  const open = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const file = await controller.connection.api.files.openUrl({ url: url.trim() });
      setUrl('');
      await controller.openFile(file.id, file.name);
    } catch (failed) {
      setError(plainErrorOf(failed));
    }
  };
  return (
    <form className="open-url" onSubmit={(event) => void open(event)}>
      <div className="open-url-row">
        <Globe aria-hidden />
        <input
          className="input"
          aria-label={words.app.addressOfAnImageOnAServer}
          aria-invalid={error !== null}
          aria-describedby="open-url-note"
          placeholder={words.app.httpsAddressOfACogSvs}
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={url}
          onChange={(event) => {
            setUrl(event.target.value);
            setError(null);
          }}
        />
        <Button type="submit" disabled={disabled || url.trim() === ''}>
          {words.app.openAddress}
        </Button>
      </div>
      <p id="open-url-note" className={error === null ? 'home-note' : 'field-error'} role="status">
        {error === null
          ? words.app.onlyThePartsThatAreNeeded
          : `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`}
      </p>
    </form>
  );
}
