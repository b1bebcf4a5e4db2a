/** A modal dialog with a title and a close button. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { words } from '../words/words.ts';

interface DialogProps {
  title: string;
  open: boolean;
  wide?: boolean;
  onClose: () => void;
  /** Has the focus first; else the first thing that can have it. */
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
  footer?: ReactNode;
}

export function Dialog({ title, open, wide = false, onClose, initialFocus, children, footer }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup
          className={wide ? 'dialog dialog-wide' : 'dialog'}
          {...(initialFocus !== undefined && { initialFocus })}
        >
          <div className="dialog-head">
            <Base.Title className="dialog-title">{title}</Base.Title>
            <Base.Close className="button button-quiet icon-button" aria-label={words.ui.close}>
              <X aria-hidden />
            </Base.Close>
          </div>
          {/* What is longer than the window is scrolled by keys too. */}
          <div className="dialog-body" tabIndex={0}>
            {children}
          </div>
          {footer !== undefined && <div className="dialog-foot">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
