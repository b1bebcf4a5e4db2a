/** Says that the engine cannot be reached and that this is being mended. */
import { useEffect, useState } from 'react';
import { useApp } from '../state/app-store.ts';
import { words } from '../words/words.ts';

/** A blink of the link is nobody's business. */
const silentMs = 700;

export function LinkBanner() {
  const lost = useApp((state) => state.link === 'reconnecting');
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) return undefined;
    const timer = setTimeout(() => setShown(true), silentMs);
    return () => {
      clearTimeout(timer);
      setShown(false);
    };
  }, [lost]);
  return shown ? (
    <div className="link-banner" role="status">
      <span className="spinner" aria-hidden />
      <span>
        <strong>{words.app.reconnectingToTheEngine}</strong> {words.app.whatWasDecidedAndAnalysedIsStored}
      </span>
    </div>
  ) : null;
}
