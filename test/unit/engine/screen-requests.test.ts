import { expect, it } from 'vitest';
import { ScreenRequests } from '../../../src-main/engine/screen-requests.ts';

const open = (fileId: string) => ({ kind: 'open' as const, fileId });

it('requests wait for their screen, and no other gets them', async () => {
  const requests = new ScreenRequests();
  requests.add(open('for 2, early'), '2');
  const first = requests.follow('1');
  const second = requests.follow('2');
  expect((await second.next()).value).toEqual(open('for 2, early'));
  const pending = [first.next(), second.next()];
  requests.add(open('for 2'), '2');
  requests.add(open('for 1'), '1');
  expect((await Promise.all(pending)).map(({ value }) => value)).toEqual([open('for 1'), open('for 2')]);
});

it('requests for nobody in particular go to one screen', async () => {
  const requests = new ScreenRequests();
  const ends = [new AbortController(), new AbortController()] as const;
  const pending = [requests.follow('1', ends[0].signal).next(), requests.follow('2', ends[1].signal).next()];
  requests.add(open('file'));
  expect((await Promise.race(pending)).value).toEqual(open('file'));
  for (const end of ends) end.abort();
  const values = (await Promise.all(pending)).map(({ value }) => value);
  expect(values.filter((value) => value !== undefined)).toEqual([open('file')]);
});

it('a screen that goes takes no request with it', async () => {
  const requests = new ScreenRequests();
  const gone = new AbortController();
  const pending = requests.follow('1', gone.signal).next();
  gone.abort();
  expect((await pending).done).toBe(true);
  requests.add(open('later'), '1');
  expect((await requests.follow('1').next()).value).toEqual(open('later'));
});

it('what is for all goes to each screen that listens', async () => {
  const requests = new ScreenRequests();
  const pending = [requests.follow('1').next(), requests.follow('2').next()];
  requests.addForAll({ kind: 'refresh' });
  expect((await Promise.all(pending)).map(({ value }) => value?.kind)).toEqual(['refresh', 'refresh']);
  requests.add(open('later'), '3');
  expect((await requests.follow('3').next()).value).toEqual(open('later'));
});
