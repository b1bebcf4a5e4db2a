/** Goes to a place that a person types. */
import { useRef, useState } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { useApp } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { currentViewer } from './current-viewer.ts';
import { parsePlace, placeForms } from './parse-place.ts';
import type { LonLatOf } from './projection.ts';
import { words } from '../words/words.ts';

export function GoToDialog({ image, lonLat }: { image: ImageInfo; lonLat: LonLatOf | null }) {
  const open = useApp((state) => state.dialog === 'go-to');
  const setDialog = useApp((state) => state.setDialog);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);
  const go = (): void => {
    const place = parsePlace(text, image, lonLat?.toMap ?? null);
    if (!place.ok) {
      setError(place.message);
      return;
    }
    setDialog(null);
    currentViewer()?.centreOn(place.x, place.y);
  };
  return (
    <Dialog
      title={words.viewer.goToAPlace}
      open={open}
      initialFocus={field}
      onClose={() => setDialog(null)}
      footer={
        <Button tone="primary" onClick={go}>
          {words.viewer.go}
        </Button>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <label className="field">
          <span className="label">{words.viewer.place}</span>
          <input
            ref={field}
            className="input"
            value={text}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={error !== null}
            onChange={(event) => {
              setText(event.target.value);
              setError(null);
            }}
          />
          {error === null ? (
            <span className="field-hint">{placeForms(image)}</span>
          ) : (
            <span className="field-error" role="alert">
              {error}
            </span>
          )}
        </label>
      </form>
    </Dialog>
  );
}
