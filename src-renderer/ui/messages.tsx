/** Empty, waiting and failed states, each said in the same way everywhere. */
import { CircleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { words } from '../words/words.ts';

interface ErrorNoteProps {
  /** What did not happen; the error's own message follows. */
  title?: string;
  error: PlainError;
  children?: ReactNode;
}

/** A failure with what, where and what to do about it. */
export function ErrorNote({ title, error, children }: ErrorNoteProps) {
  return (
    <div className="error-note" role="alert">
      <CircleAlert aria-hidden />
      <div>
        {title !== undefined && <div className="error-note-title">{title}</div>}
        <div>{error.message}</div>
        {error.where !== undefined && <div className="error-note-where">{error.where}</div>}
        {error.hint !== undefined && <div className="error-note-hint">{error.hint}</div>}
        {children}
      </div>
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}

export function Empty({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="empty">
      <Icon aria-hidden />
      <div className="empty-title">{title}</div>
      {children}
    </div>
  );
}

export function Waiting({ label }: { label: string }) {
  return (
    <div className="empty" role="status">
      <div className="spinner" aria-hidden />
      <div>{label}</div>
    </div>
  );
}

/** Placeholder rows of the height that the real ones will have, so that nothing jumps. */
export function Skeleton({ rows, height }: { rows: number; height: number }) {
  return (
    <div role="status" aria-label={words.ui.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton" style={{ height: height - 8, marginBottom: 8 }} />
      ))}
    </div>
  );
}
