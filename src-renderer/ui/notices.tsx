/**
 * Notices at the bottom of the window. Good news goes by itself; a failure stays until it is closed. A few at once: those before
 * them wait for room. F6 goes to them, Escape closes the one that has the focus.
 */
import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useApp, type Notice } from '../state/app-store.ts';
import { words } from '../words/words.ts';
import { Button } from './button.tsx';
import { NoticeIcon, NoticeLink } from './notice-parts.tsx';

const goesAfterMs = 6000;
const atOnce = 3;

export function Notices() {
  return (
    <Toast.Provider timeout={goesAfterMs} limit={atOnce}>
      <Toast.Portal>
        <Toast.Viewport className="notices" aria-label={words.ui.notices} aria-keyshortcuts="F6">
          <Cards />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Cards() {
  const { toasts } = Toast.useToastManager<Notice>();
  const showNotices = useApp((state) => state.showNotices);
  useToasts();
  const waiting = toasts.filter(({ limited }) => limited === true).length;
  return (
    <>
      {toasts.map(
        (toast) => toast.data !== undefined && <Card key={toast.id} toast={toast} notice={toast.data} />,
      )}
      {waiting > 0 && (
        <Button size="small" className="notices-waiting" onClick={showNotices}>
          {words.ui.moreNotices(waiting)}
        </Button>
      )}
    </>
  );
}

/** Makes toasts of the notices that the window has to tell, and tells the window when one was closed. */
function useToasts(): void {
  const notices = useApp((state) => state.notices);
  const dismiss = useApp((state) => state.dismiss);
  const { add, close } = Toast.useToastManager<Notice>();
  const shown = useRef(new Set<number>());
  useEffect(() => {
    const { current: ids } = shown;
    for (const id of ids) {
      if (notices.some((notice) => notice.id === id)) continue;
      ids.delete(id);
      close(String(id));
    }
    for (const notice of notices) {
      if (ids.has(notice.id)) continue;
      ids.add(notice.id);
      add({
        id: String(notice.id),
        title: notice.title,
        description: notice.detail,
        // 0: it does not go by itself.
        timeout: notice.tone === 'error' ? 0 : goesAfterMs,
        data: notice,
        onClose: () => {
          ids.delete(notice.id);
          dismiss(notice.id);
        },
      });
    }
  }, [notices, dismiss, add, close]);
}

function Card({ toast, notice }: { toast: Toast.Root.ToastObject<Notice>; notice: Notice }) {
  return (
    <Toast.Root
      toast={toast}
      className={`notice tone-${notice.tone}`}
      // Said as it comes, a failure at once; not a dialog, which would want an answer.
      role={notice.tone === 'error' ? 'alert' : 'status'}
      aria-modal={undefined}
      // Its words can be marked and copied.
      swipeDirection={[]}
      onKeyDown={(event) => {
        // It closes this notice, and neither the dialog under it nor what is chosen in the window.
        if (event.key === 'Escape') event.stopPropagation();
      }}
    >
      <NoticeIcon tone={notice.tone} />
      <Toast.Content>
        <Toast.Title className="notice-title" render={<div />} />
        <Toast.Description className="notice-detail" render={<div />} />
        <NoticeLink href={notice.href} />
      </Toast.Content>
      <Toast.Close
        className="button button-quiet button-small icon-button"
        aria-label={words.ui.dismissNotice}
        // All of them are in full view, not stacked behind the first.
        aria-hidden={false}
      >
        <X aria-hidden />
      </Toast.Close>
    </Toast.Root>
  );
}
