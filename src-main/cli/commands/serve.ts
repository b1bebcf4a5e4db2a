/** `gigatile serve` and `gigatile open`: the screens in a browser, or in the desktop window where Electron is installed. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { statSync } from 'node:fs';
import { GigatileError } from '../../contract/errors.ts';
import type { Fleet } from '../../engine/fleet.ts';
import { startWebServer } from '../../web/start-server.ts';
import { isUrl } from '../../core/image-address.ts';
import { fleetConnector } from '../../scale/fleet-connector.ts';
import { dataDir } from '../data-dir.ts';
import { projectRoot, startEngine, version } from '../environment.ts';
import { imagePath } from '../image-path.ts';
import { queueOptions, withFleet } from '../queue-options.ts';

const screens = join(projectRoot, 'out', 'renderer');

/** In a checkout the screens are built once, when they are first wanted. */
async function buildScreens(): Promise<void> {
  if (existsSync(join(screens, 'index.html'))) return;
  process.stderr.write('Building the screens (once) …\n');
  const build = spawn(
    process.execPath,
    [join(projectRoot, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const code = await new Promise<number | null>((ended) => build.on('exit', ended));
  if (code !== 0)
    throw new GigatileError('internal', 'The screens could not be built', {
      hint: 'Run "npm run build" and read what it says.',
    });
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  const child = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  // No browser here is no fault: the address was printed.
  child.on('error', () => process.stderr.write('No browser could be started: open the address by hand.\n'));
  child.unref();
}

async function serveScreens(
  paths: string[],
  port: number | undefined,
  browser: boolean,
  fleet?: Fleet,
): Promise<number> {
  await buildScreens();
  const images = paths.map(imagePath);
  const files = images.filter((path) => !isUrl(path));
  const openAtStart = images.filter((path) => isUrl(path) || !statSync(path).isDirectory());
  const engine = await startEngine(openAtStart, fleet, fleetConnector({ software: version }));
  try {
    const folders = files.map((path) => (statSync(path).isDirectory() ? path : dirname(path)));
    for (const folder of folders.length > 0 ? folders : [process.cwd()]) engine.files.addRoot(folder);
    const server = await startWebServer({ engine, staticDir: screens, dataDir: dataDir(), port });
    process.stdout.write(
      `Gigatile runs at ${server.url}\nThe address holds a secret: it is for you alone. Ctrl-C ends it; runs that go on can be resumed.\n`,
    );
    if (browser) openBrowser(server.url);
    await new Promise<void>((ended) => {
      process.once('SIGINT', ended);
      process.once('SIGTERM', ended);
    });
    await server.close();
  } finally {
    await engine.close();
  }
  return 0;
}

export async function serve(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { port: { type: 'string' }, open: { type: 'boolean', default: false }, ...queueOptions },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new GigatileError('usage', `--port ${values.port ?? ''} is not a port`);
  }
  const queue = values.queue ?? process.env['GIGATILE_QUEUE'];
  return withFleet({ ...values, queue }, (fleet) => serveScreens(positionals, port, values.open, fleet));
}

/** Path of Electron's program, where its binary is installed; asking the package itself would start a download. */
function electronBinary(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const name =
    process.platform === 'win32'
      ? 'electron.exe'
      : process.platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  const folders = override === undefined ? [] : [override];
  const packageJson = createRequire(import.meta.url).resolve('electron/package.json');
  folders.push(join(dirname(packageJson), 'dist'));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

export async function open(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const electron = electronBinary();
  if (electron === null) {
    process.stderr.write('Electron is not installed here: opening the same screens in a browser.\n');
    return serveScreens(positionals, undefined, true);
  }
  await buildScreens();
  const child = spawn(electron, [projectRoot, ...positionals.map(imagePath)], { stdio: 'inherit' });
  return new Promise((ended) => child.on('exit', (code) => ended(code ?? 1)));
}
