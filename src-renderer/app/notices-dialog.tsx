/** All that was told in this window, the last of it first: what was closed or has gone is read again here. */
import { BellOff } from 'lucide-react';
import { useApp, type Notice } from '../state/app-store.ts';
import { Dialog } from '../ui/dialog.tsx';
import { moment } from '../ui/format.ts';
import { Empty } from '../ui/messages.tsx';
import { NoticeIcon, NoticeLink } from '../ui/notice-parts.tsx';
import { words } from '../words/words.ts';

export function NoticesDialog() {
  const open = useApp((state) => state.dialog === 'notices');
  const setDialog = useApp((state) => state.setDialog);
  const told = useApp((state) => state.told);
  return (
    <Dialog title={words.ui.noticesSoFar} open={open} wide onClose={() => setDialog(null)}>
      {told.length === 0 ? (
        <Empty icon={BellOff} title={words.ui.noNoticesSoFar} />
      ) : (
        <ol className="told" aria-label={words.ui.noticesSoFar}>
          {told.map((notice) => (
            <Told key={notice.id} notice={notice} />
          ))}
        </ol>
      )}
    </Dialog>
  );
}

function Told({ notice }: { notice: Notice }) {
  return (
    <li className={`told-notice tone-${notice.tone}`}>
      <NoticeIcon tone={notice.tone} />
      <div>
        <div className="notice-title">{notice.title}</div>
        {notice.detail !== null && <div className="notice-detail">{notice.detail}</div>}
        <NoticeLink href={notice.href} />
      </div>
      <time className="numeric" dateTime={notice.at}>
        {moment(notice.at)}
      </time>
    </li>
  );
}
