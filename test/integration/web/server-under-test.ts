/** A web server over the fake engine in a fresh folder, with its session already open. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebServer, type WebServer } from '../../../src-main/web/start-server.ts';
import { fakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { rawExchange, request } from '../../support/raw-http.ts';

export interface ServerUnderTest {
  server: WebServer;
  engine: FakeEngine;
  folder: string;
  dataDir: string;
  token: string;
  /** Value of the Cookie header of a person that has opened the printed address. */
  cookie: string;
  host: string;
  origin: string;
  errors: unknown[];
  stop(): Promise<void>;
}

export async function serverUnderTest(options: { maxDropBytes?: number } = {}): Promise<ServerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-web-'));
  const staticDir = join(folder, 'screens');
  const dataDir = join(folder, 'data');
  mkdirSync(join(staticDir, 'assets'), { recursive: true });
  writeFileSync(join(staticDir, 'index.html'), '<!doctype html><title>screens</title>');
  writeFileSync(join(staticDir, 'assets', 'index-Ab3_-xYz.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'outside of what is served');
  const engine = fakeEngine();
  const errors: unknown[] = [];
  const server = await startWebServer({
    engine,
    staticDir,
    dataDir,
    ...options,
    onError: (error) => errors.push(error),
  });
  const host = `127.0.0.1:${server.port}`;
  const token = new URL(server.url).searchParams.get('t') ?? '';
  const opened = await rawExchange(server.port, request(`GET /?t=${token}`, { Host: host }));
  return {
    server,
    engine,
    folder,
    dataDir,
    token,
    cookie: (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    host,
    origin: `http://${host}`,
    errors,
    async stop() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
