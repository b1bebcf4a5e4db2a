/** The native image codecs crash inside of Electron: they are tried out in a process of their own, and other ones step in. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { onStandIn, type Application } from './application.ts';
import {
  answerQuitQuestion,
  clickMenu,
  quitQuestions,
  screens,
  startLongRun,
  until,
  useDesk,
  waitForCompleteRun,
  waitForImage,
} from './fixture.ts';

const crashes = pathToFileURL(join(import.meta.dirname, '../support/crashing-codec.mjs')).href;

const desk = useDesk(700, 700);

const start = (): Application =>
  desk.start({ args: [desk.image], env: { GIGATILE_STAND_IN_NODE_OPTIONS: `--import ${crashes}` } });

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

// Electron's own Node takes no options from the environment: there the codec cannot be made to crash.
it.runIf(onStandIn)(
  'a native codec that crashes costs a test process and nothing else: the image is shown, a run goes to its end',
  async () => {
    const app = start();
    // The person's answer to whatever is asked or told.
    await answerQuitQuestion(app, 0);
    const page = await screens(app);
    await waitForImage(page);
    await startLongRun(page);
    await waitForCompleteRun(page);

    expect(eventsOf('codecs')).toEqual([{ libvips: 'wasm' }]);
    const gone = mainLog()
      .split('\n')
      .filter((line) => line.includes('has gone'));
    expect(gone[0]).toEqual(expect.stringContaining('Gigatile codec test 1 has gone: crashed'));
    expect(gone.filter((line) => line.includes('crashed'))).toHaveLength(1);
    expect(mainLog()).toContain('wasm build from here on; of the native one, a test process crashed');
    await until(() => quitQuestions(app)).toBe(1);

    await clickMenu(app, 'doctor');
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
  },
);
