import { plural } from '../../ui/format.ts';

export const ui = {
  loading: 'Loading',
  close: 'Close',
  notices: 'Notices',
  downloadAgain: 'Download again',
  dismissNotice: 'Dismiss notice',
  moreNotices: (n: number) => `${plural(n, 'more notice')}: list all`,
  noticesSoFar: 'Notices so far',
  noNoticesSoFar: 'Nothing was told in this window yet',
} as const;
