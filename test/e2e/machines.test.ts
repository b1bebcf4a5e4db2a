/** Machines of a queue in a real browser: chosen with its ways to fail, watched with workers of real PostgreSQL rows, steered, lost and found again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queueAddress } from '../../src-main/scale/queue/address.ts';
import { connectQueue, disconnectQueue } from '../../src-main/scale/queue/connection.ts';
import { submit } from '../../src-main/scale/submit.ts';
import { fleetSpec } from '../support/fleet-spec.ts';
import { TestPostgres } from '../support/postgres.ts';
import { freshHome, serveApp, type ServedApp } from '../support/served-app.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { violations } from './axe.ts';
import { launchChromium, openScreen, runStatus, type Screen } from './screen.ts';

const { home, remove } = freshHome();
const run = 'bbbb0000-0000-4000-8000-000000000001';
let postgres: TestPostgres;
let browser: Browser;
let app: ServedApp;
let screen: Screen;

beforeAll(async () => {
  writeFileSync(join(home, 'slide.png'), tissuePicture(700, 500).png);
  postgres = await TestPostgres.create();
  browser = await launchChromium();
  app = await serveApp(home, [home]);
  screen = await openScreen(browser, app.url);
});
afterAll(async () => {
  await screen.close();
  await browser.close();
  await app.stop();
  await postgres.remove();
  remove();
});

/** In both themes. */
async function isAccessible(page: Page): Promise<void> {
  for (const theme of ['light', 'dark']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
    expect(await violations(page, theme === 'light'), theme).toEqual([]);
  }
}

/** Three chunks of which one is done, one is at work and one was given up; one machine there, one gone. */
async function someWork(schema: string): Promise<void> {
  const address = queueAddress(`${postgres.url}?schema=${schema}`);
  const queue = await connectQueue(address, 'test', false, (error) => {
    throw error;
  });
  try {
    await submit(queue.database, queue.jobs, run, fleetSpec('Schnitt Ω.svs'), [
      [0, 1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ]);
    postgres.sql(`UPDATE ${schema}_jobs.job_common SET retry_count = retry_limit`);
    const job = await queue.jobs.take(run);
    if (job === null) throw new Error('no job');
    await queue.jobs.giveBack(run, job, 'no room');
    const status = { state: 'working', run, chunk: 1, chunks: 3, tiles: 12, failed: 2, tilesPerSecond: 4.5 };
    const refused = [{ run, why: 'the slide is not where it was' }];
    postgres.sql(`UPDATE ${schema}.chunk SET taken_at = now(), done_at = now(), tiles_failed = 1 WHERE no = 1;
      INSERT INTO ${schema}.worker (name, session, host, status, seen_at) VALUES
      ('gpu-one', 's', 'rack-7', '${JSON.stringify({ ...status, refused: [] })}', now() + interval '1 hour'),
      ('gpu-two', 's', 'rack-8', '${JSON.stringify({ ...status, refused })}', now() - interval '1 hour')`);
  } finally {
    await disconnectQueue(queue);
  }
}

test(
  'a queue is chosen, watched and steered; a server that goes away is said',
  { timeout: 240_000 },
  async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Use other machines' }).click();
    const dialog = page.getByRole('dialog', { name: 'Machines' });
    await dialog.getByLabel(/^Server/).fill('127.0.0.1:1');
    await dialog.getByLabel(/^Password/).fill('of-nobody');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'This queue was not taken' }).waitFor();
    expect(await dialog.getByRole('alert').textContent()).toMatch(/cannot be reached/);
    await isAccessible(page);

    await someWork('seen');
    await dialog.getByLabel(/^Server/).fill(`${postgres.url}?schema=seen`);
    await dialog.getByRole('button', { name: 'Connect' }).click();
    const status = dialog.getByRole('status');
    await expect
      .poll(() => status.textContent())
      .toMatch(/^1 of 1 machine at work · 1 not heard of · 1 open run/);
    expect(await dialog.getByText(`postgres://127.0.0.1:${postgres.port}/postgres?schema=seen`).count()).toBe(
      1,
    );
    const runs = dialog.getByRole('region', { name: 'Runs' });
    expect(await runs.textContent()).toMatch(/1 of 3 chunks done, 1 at work, 1 given up/);
    const workers = dialog.getByRole('region', { name: 'Workers', exact: true });
    expect(await workers.getByRole('row', { name: /gpu-one/ }).textContent()).toMatch(
      /rack-7at workhas chunk 2 of Schnitt Ω/,
    );
    expect(await workers.getByRole('row', { name: /gpu-two/ }).textContent()).toMatch(/not heard of/);
    expect(await workers.textContent()).toContain(
      'gpu-two leaves Schnitt Ω.svs to others: the slide is not where it was',
    );
    await isAccessible(page);

    await runs.getByRole('button', { name: 'Try given-up chunks again' }).click();
    await page.getByText('1 chunk will be tried again').waitFor();
    await expect.poll(() => runs.textContent()).toMatch(/1 at work, 1 waiting/);
    await runs.getByRole('button', { name: 'Raise the priority: Schnitt Ω.svs' }).click();
    await expect.poll(() => runs.textContent()).toContain('priority 1');
    await runs.getByRole('button', { name: 'Pause: Schnitt Ω.svs' }).click();
    await runs.getByRole('button', { name: 'Resume: Schnitt Ω.svs' }).waitFor();
    expect(postgres.sql('SELECT state || priority FROM seen.run')).toBe('paused1');

    await postgres.kill();
    await dialog.getByRole('alert').filter({ hasText: 'The queue does not answer' }).waitFor();
    expect(await status.textContent()).toBe('As it was last heard');
    expect(await runs.getByRole('button').count()).toBe(0);
    await postgres.start();
    await expect.poll(() => status.textContent(), { timeout: 60_000 }).toMatch(/machine at work|No machine/);
    await runs.getByRole('button', { name: 'Cancel: Schnitt Ω.svs' }).click();
    await runs.getByRole('button', { name: 'Remove from the queue: Schnitt Ω.svs' }).click();
    await runs.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect.poll(() => runs.textContent()).toMatch(/None/);
    await dialog.getByRole('button', { name: 'Close' }).click();

    // A run of one's own goes there; the run bar leads back.
    await page.getByRole('button', { name: 'Open an image' }).click();
    await page.getByRole('button', { name: /slide.png/ }).click();
    await page.getByRole('radio', { name: /nuclei in H&E/i }).click();
    await page.getByLabel('Resolution of the image, µm/px').fill('0.5');
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('combobox', { name: 'Machines' }).click();
    await page.getByRole('option', { name: /Workers of the queue/ }).click();
    await page.getByRole('button', { name: /^Analyse with/ }).click();
    await expect
      .poll(() => runStatus(page).textContent(), { timeout: 60_000 })
      .toMatch(/^Analysing|^Running|waiting/i);
    await page.getByRole('button', { name: 'Machines: the queue, its workers and runs' }).click();
    await expect.poll(() => runs.textContent()).toMatch(/slide.png/);
    await runs.getByRole('button', { name: 'Pause: slide.png' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    const waits = page.getByRole('alert').filter({ hasText: 'The run waits for its queue' });
    await expect.poll(() => waits.textContent()).toMatch(/paused in the queue/);
    await waits.getByRole('button', { name: 'Machines…' }).click();
    await runs.getByRole('button', { name: 'Resume: slide.png' }).click();
    // This case has its results already: that run is shown, and there is no second one.
    await runs.getByRole('button', { name: 'Show in this case' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(postgres.sql('SELECT count(*) FROM seen.run')).toBe('1');
    await waits.waitFor({ state: 'detached' });
    expect(screen.problems).toEqual([]);
  },
);
