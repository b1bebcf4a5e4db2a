export const ui = {
  loading: 'Loading',
  close: 'Close',
  notices: 'Notices',
  downloadAgain: 'Download again',
  dismissNotice: 'Dismiss notice',
} as const;
