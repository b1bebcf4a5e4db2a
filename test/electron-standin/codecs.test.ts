/** The native image codecs crash inside of Electron: they are tried out in a process of their own, and other ones step in. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStatus } from '../e2e/screen.ts';
import type { Application } from './driver.ts';
import {
  answerQuitQuestion,
  makeDesk,
  quitQuestions,
  screens,
  startLongRun,
  until,
  waitForImage,
  type Desk,
} from './fixture.ts';

const crashes = pathToFileURL(join(import.meta.dirname, '../support/crashing-codec.mjs')).href;

let desk: Desk;
beforeAll(async () => {
  desk = await makeDesk(700, 700);
});
afterAll(() => desk.clear());

const start = (): Application =>
  desk.start({ args: [desk.image], env: { NODE_OPTIONS: `--import ${crashes}` } });

const mainLog = (): string => readFileSync(join(desk.userData, 'logs/main.log'), 'utf8');

function eventsOf(kind: string): unknown[] {
  const name = readdirSync(desk.userData, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith('.gigatile'),
  );
  const db = new Database(join(desk.userData, name!), { readonly: true });
  try {
    return db
      .prepare('SELECT data FROM event WHERE kind = ?')
      .pluck()
      .all(kind)
      .map((text) => JSON.parse(String(text)));
  } finally {
    db.close();
  }
}

it('a native codec that crashes costs a test process and nothing else: the image is shown, a run goes to its end', async () => {
  const app = start();
  // The person's answer to whatever is asked or told.
  await answerQuitQuestion(app, 0);
  const page = await screens(app);
  await waitForImage(page);
  await startLongRun(page);
  await until(async () => (await runStatus(page).textContent()) ?? '').toMatch(/^Complete: /);

  expect(eventsOf('codecs')).toEqual([{ libvips: 'wasm' }]);
  const gone = mainLog()
    .split('\n')
    .filter((line) => line.includes('has gone'));
  expect(gone[0]).toEqual(expect.stringContaining('Gigatile codec test 1 has gone: crashed'));
  expect(gone.filter((line) => line.includes('crashed'))).toHaveLength(1);
  expect(mainLog()).toContain('wasm build from here on; of the native one, a test process crashed');
  await until(() => quitQuestions(app)).toBe(1);

  await app.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()!.getMenuItemById('doctor')!.click();
  });
  const dialog = page.getByRole('dialog', { name: 'What works here' });
  await dialog.getByText('the WebAssembly build of libvips is used').waitFor();
  await dialog.getByText(/^sharp .*\(WebAssembly, slower\)$/).waitFor();
  expect(await app.quit()).toBe(0);

  // The person is told once for each version.
  const again = start();
  await answerQuitQuestion(again, 0);
  await waitForImage(await screens(again));
  await until(() => (mainLog().match(/wasm build from here on/g) ?? []).length).toBe(2);
  expect(await quitQuestions(again)).toBe(0);
  expect(await again.quit()).toBe(0);
});
