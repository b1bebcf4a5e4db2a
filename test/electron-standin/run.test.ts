/** A run in the desktop application, over the real bundles: to its end, and over a quit in its middle. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runBar, runStatus } from '../e2e/screen.ts';
import {
  answerOpenDialog,
  answerQuitQuestion,
  complaints,
  makeDesk,
  quitQuestions,
  screens,
  startLongRun,
  tilesEnded,
  until,
  waitForImage,
  type Desk,
} from './fixture.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await makeDesk();
});
afterEach(() => desk.clear());

async function openThroughDialog(app: ReturnType<Desk['start']>) {
  const page = await screens(app);
  await answerOpenDialog(app, [desk.image]);
  await page.getByRole('button', { name: 'Open an image' }).click();
  await waitForImage(page);
  return page;
}

it('goes to its end, with inference in utility processes', async () => {
  const app = desk.start();
  const page = await openThroughDialog(app);
  await startLongRun(page);
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/^Complete: /);
  const { ended, total } = await tilesEnded(page);
  expect(ended).toBe(total);
  expect(total).toBeGreaterThan(100);
  expect(complaints(app)).toEqual([]);
  expect(await app.quit()).toBe(0);
  expect(app.errors).toBe('');
});

it('asks once when it is quit in the middle of a run, and goes on from there when it is opened again', async () => {
  const first = desk.start();
  const page = await openThroughDialog(first);
  await startLongRun(page);
  await until(async () => (await tilesEnded(page)).ended).toBeGreaterThan(5);

  await answerQuitQuestion(first, 1);
  await first.evaluate(({ app }) => setImmediate(() => app.quit()) && null);
  await until(() => quitQuestions(first)).toBe(1);
  // Cancelled: everything goes on.
  expect(await page.getByRole('heading', { name: 'tissue.png' }).isVisible()).toBe(true);

  await answerQuitQuestion(first, 0);
  expect(await first.quit()).toBe(0);

  const second = desk.start({ args: [desk.image] });
  const again = await screens(second);
  await waitForImage(again);
  const before = await tilesEnded(again);
  expect(before.ended).toBeGreaterThan(0);
  expect(before.ended).toBeLessThan(before.total);
  await runBar(again).getByRole('button', { name: 'Resume' }).click();
  await until(async () => (await runStatus(again).textContent()) ?? '').toMatch(/^Complete: /);
  expect(complaints(second)).toEqual([]);
});
