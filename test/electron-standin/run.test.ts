/** A run over a quit in its middle, over the real bundles: nothing is lost, and it goes on. Runs to their ends: desktop.test.ts. */
import { expect, it } from 'vitest';
import { runBar } from '../e2e/screen.ts';
import {
  answerOpenDialog,
  answerQuitQuestion,
  complaints,
  quitQuestions,
  screens,
  startLongRun,
  tilesEnded,
  until,
  useDesk,
  waitForImage,
  waitForMore,
} from './fixture.ts';

/** So many tiles that the run does not end beforehand on any machine. */
const desk = useDesk(3200, 2800);

it('asks once when it is quit in the middle of a run, and goes on from there when it is opened again', async () => {
  const first = desk.start();
  const page = await screens(first);
  await answerOpenDialog(first, [desk.image]);
  await page.getByRole('button', { name: 'Open an image' }).click();
  await waitForImage(page);
  // Asked beforehand: tiles do not wait.
  await answerQuitQuestion(first, 1, 0);
  await startLongRun(page);
  await waitForMore(page, 5);

  await first.evaluate(({ app }) => setImmediate(() => app.quit()) && null);
  await until(() => quitQuestions(first)).toBe(1);
  // Cancelled: everything goes on.
  expect(await page.getByRole('heading', { name: 'tissue.png' }).isVisible()).toBe(true);

  expect(await first.quit()).toBe(0);

  const { app: second, page: again } = await desk.startWithImage();
  const before = await tilesEnded(again);
  expect(before.analysed).toBeGreaterThan(5);
  expect(before.ended).toBeLessThan(before.total);
  await runBar(again).getByRole('button', { name: 'Resume' }).click();
  await waitForMore(again, before.analysed);
  expect(complaints(second)).toEqual([]);
  await answerQuitQuestion(second, 0);
  expect(await second.quit()).toBe(0);
  expect(second.errors).toBe('');
});
