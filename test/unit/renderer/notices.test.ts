/** What the window tells: nothing of it is lost, and a failure that comes again does not fill the screen. */
import { beforeEach, expect, it } from 'vitest';
import { notifyError, useApp } from '../../../src-renderer/state/app-store.ts';

const titles = (of: 'notices' | 'told') => useApp.getState()[of].map(({ title }) => title);
const fail = (title: string, message = 'gone') => notifyError(title, { code: 'file-not-found', message });

beforeEach(() => useApp.setState({ notices: [], told: [], dialog: null }));

it('failures wait for room however many there are', () => {
  const many = Array.from({ length: 30 }, (_, i) => `failure ${i}`);
  for (const title of many) fail(title);
  expect(titles('notices')).toEqual(many);
});

it('the same failure again comes to the front, once; another of the same name stays beside it', () => {
  fail('a');
  fail('b');
  fail('a', 'full');
  fail('a');
  expect(useApp.getState().notices.map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
    'b: gone',
    'a: full',
    'a: gone',
  ]);
  expect(titles('told')).toEqual(['a', 'a', 'b', 'a']);
});

it('what was closed is still told in the list, which takes all of them off the screen', () => {
  fail('a');
  useApp.getState().notify({ tone: 'success', title: 'saved', detail: '/reports/1.pdf' });
  useApp.getState().dismiss(useApp.getState().notices[0]?.id ?? -1);
  expect(titles('notices')).toEqual(['saved']);
  useApp.getState().showNotices();
  expect(useApp.getState().dialog).toBe('notices');
  expect(titles('notices')).toEqual([]);
  expect(titles('told')).toEqual(['saved', 'a']);
});
