/** A large image without tiles: how far its preparation is, and what can be done about it. */
import { useEffect, useState } from 'react';
import type { PreparationView } from '../../src-main/contract/preparation.ts';
import { useController } from '../app/controller-context.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { notifyError } from '../state/app-store.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { words } from '../words/words.ts';

interface PreparationNoticeProps {
  imageId: string;
  /** More of the image can be seen than before. */
  onShown: () => void;
}

/** Follows the preparation; null while it is not known, and for images that need none. */
function usePreparation(imageId: string): PreparationView | null {
  const { connection } = useController();
  const [view, setView] = useState<PreparationView | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const follow = async (): Promise<void> => {
      const views = await connection.api.images.preparation({ imageId }, { signal: ended.signal });
      for await (const next of views) if (!ended.signal.aborted) setView(next);
    };
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted && !isAbort(error)) {
        notifyError(words.viewer.howFarTheImageIsPrepared, plainErrorOf(error));
      }
    });
    return () => {
      ended.abort();
      setView(null);
    };
  }, [connection, imageId]);
  return view;
}

export function PreparationNotice({ imageId, onShown }: PreparationNoticeProps) {
  const { connection } = useController();
  const view = usePreparation(imageId);
  const shown = view?.shown ?? 0;
  useEffect(() => {
    if (shown > 0) onShown();
    // Told once for each change, whatever else is rendered.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [shown]);
  if (view === null || view.state === 'ready' || view.state === 'idle') return null;
  const act = (what: 'prepare' | 'cancelPreparation'): void => {
    connection.api.images[what]({ imageId }).catch((error: unknown) => {
      notifyError(words.viewer.thePreparationCouldNotBeChanged, plainErrorOf(error));
    });
  };
  const percent = Math.floor(view.fraction * 100);
  return (
    <section className="preparation" aria-label={words.viewer.preparationOfTheImage}>
      {view.state === 'working' ? (
        <>
          <div className="preparation-text">
            <div className="preparation-title">{words.viewer.preparingTheImage}</div>
            <div className="preparation-meta">{words.viewer.madeOnceBecauseTheFileHasNoTiles}</div>
          </div>
          <ProgressBar label={words.viewer.preparationOfTheImage} value={percent} className="preparation-bar">
            <div className="preparation-done" style={{ width: `${percent}%` }} />
          </ProgressBar>
          <span className="preparation-percent numeric">{percent} %</span>
          <Button size="small" onClick={() => act('cancelPreparation')}>
            {words.viewer.cancel}
          </Button>
        </>
      ) : view.state === 'failed' && view.error !== null ? (
        <ErrorNote title={words.viewer.onlyACoarsePictureOfThisImage} error={view.error}>
          <Button size="small" onClick={() => act('prepare')}>
            {words.viewer.tryAgain}
          </Button>
        </ErrorNote>
      ) : (
        <>
          <div className="preparation-text">
            <div className="preparation-title">{words.viewer.theImageIsNotPrepared}</div>
            <div className="preparation-meta">{words.viewer.partsOfItAreMissingOrCoarse}</div>
          </div>
          <Button size="small" onClick={() => act('prepare')}>
            {words.viewer.prepare}
          </Button>
        </>
      )}
    </section>
  );
}
