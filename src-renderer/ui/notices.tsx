/** Notices at the bottom of the window. Good news goes by itself; a failure stays until it is read. */
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect } from 'react';
import { useApp, type Notice } from '../state/app-store.ts';
import { words } from '../words/words.ts';

const icons = { error: CircleAlert, success: CircleCheck, info: Info } as const;
const goesAfterMs = 6000;

export function Notices() {
  const notices = useApp((state) => state.notices);
  return (
    <div className="notices" role="region" aria-label={words.ui.notices} aria-live="polite">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const dismiss = useApp((state) => state.dismiss);
  const Icon = icons[notice.tone];
  useEffect(() => {
    if (notice.tone === 'error') return undefined;
    const timer = setTimeout(() => dismiss(notice.id), goesAfterMs);
    return () => clearTimeout(timer);
  }, [notice, dismiss]);
  return (
    <div className={`notice tone-${notice.tone}`} role={notice.tone === 'error' ? 'alert' : 'status'}>
      <Icon aria-hidden />
      <div>
        <div className="notice-title">{notice.title}</div>
        {notice.detail !== null && <div className="notice-detail">{notice.detail}</div>}
        {notice.href !== null && (
          <a className="notice-detail" href={notice.href} download>
            {words.ui.downloadAgain}
          </a>
        )}
      </div>
      <button
        type="button"
        className="button button-quiet button-small icon-button"
        aria-label={words.ui.dismissNotice}
        onClick={() => dismiss(notice.id)}
      >
        <X aria-hidden />
      </button>
    </div>
  );
}
