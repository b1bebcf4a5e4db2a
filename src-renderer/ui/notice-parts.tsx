/** What notices have in common on the screen and in the list of all of them. */
import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import type { Notice } from '../state/app-store.ts';
import { words } from '../words/words.ts';

const icons = { error: CircleAlert, success: CircleCheck, info: Info } as const;

export function NoticeIcon({ tone }: { tone: Notice['tone'] }) {
  const Icon = icons[tone];
  return <Icon aria-hidden />;
}

export function NoticeLink({ href }: { href: string | null }) {
  if (href === null) return null;
  return (
    <a className="notice-detail" href={href} download>
      {words.ui.downloadAgain}
    </a>
  );
}
