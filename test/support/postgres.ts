/** A PostgreSQL of Debian's package, for one test file: a fresh cluster on a free loopback port. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const versions = '/usr/lib/postgresql';

/** Folder of the newest server's programs; null where there is none. */
export function postgresPrograms(): string | null {
  if (!existsSync(versions)) return null;
  const newest = readdirSync(versions)
    .map(Number)
    .filter((version) => existsSync(join(versions, String(version), 'bin', 'initdb')))
    .sort((a, b) => b - a)[0];
  return newest === undefined ? null : join(versions, String(newest), 'bin');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (option: string): number =>
    Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface TestServerOptions {
  /** Where the cluster lies; otherwise in a fresh folder of its own. */
  parent?: string;
  /** Addresses beside the loopback's, from which everybody is let in. */
  listen?: string[];
  /** More settings, as `name=value`. */
  settings?: string[];
  /** `trust`, or with passwords: `scram-sha-256`, the user's being `password`. */
  auth?: 'trust' | 'scram-sha-256';
}

export class TestPostgres {
  readonly port: number;
  readonly #options: TestServerOptions;
  readonly #programs: string;
  readonly #folder: string;
  readonly #user = serverUser();
  readonly #password = 'password';
  #server: ChildProcess | null = null;

  private constructor(programs: string, port: number, options: TestServerOptions) {
    this.#programs = programs;
    this.port = port;
    this.#options = options;
    this.#folder = mkdtempSync(join(options.parent ?? tmpdir(), 'gigatile-postgres-'));
    chmodSync(this.#folder, 0o755);
    const data = join(this.#folder, 'data');
    mkdirSync(data);
    const { uid, gid } = this.#user;
    if (uid !== undefined && gid !== undefined) chownSync(data, uid, gid);
    const secret = join(this.#folder, 'secret');
    writeFileSync(secret, this.#password);
    execFileSync(
      join(programs, 'initdb'),
      [
        `--pgdata=${data}`,
        '--username=gigatile',
        `--auth=${options.auth ?? 'trust'}`,
        `--pwfile=${secret}`,
        '--encoding=UTF8',
        '--no-locale',
        '--no-sync',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...this.#user },
    );
    for (const address of options.listen ?? [])
      appendFileSync(join(data, 'pg_hba.conf'), `host all all ${address}/24 trust\n`);
  }

  static async create(options: TestServerOptions = {}): Promise<TestPostgres> {
    const programs = postgresPrograms();
    if (programs === null) throw new Error('Debian’s package postgresql is not installed');
    const postgres = new TestPostgres(programs, await freePort(), options);
    await postgres.start();
    return postgres;
  }

  /** Of the postmaster; its children are one process a connection, and some of its own. */
  get pid(): number {
    if (this.#server?.pid === undefined) throw new Error('PostgreSQL does not run');
    return this.#server.pid;
  }

  get url(): string {
    return `postgres://gigatile@127.0.0.1:${this.port}/postgres`;
  }

  /** Also after kill: the server recovers by itself. */
  async start(): Promise<void> {
    const data = join(this.#folder, 'data');
    const options = [
      '-D',
      data,
      '-p',
      String(this.port),
      '-h',
      ['127.0.0.1', ...(this.#options.listen ?? [])].join(','),
      '-k',
      '',
      '-c',
      'max_connections=100',
      ...(this.#options.settings ?? []).flatMap((setting) => ['-c', setting]),
    ];
    for (let tries = 0; tries < 300; tries++) {
      // After a kill it ends by itself as long as children of the last one hold its memory.
      if (this.#server === null || this.#server.exitCode !== null) {
        this.#server = spawn(join(this.#programs, 'postgres'), options, {
          stdio: 'ignore',
          cwd: '/',
          ...this.#user,
        });
      }
      if (this.sql('SELECT 1') !== null) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('PostgreSQL does not come up');
  }

  /** Rows as psql prints them without headings; null where it cannot. */
  sql(text: string): string | null {
    try {
      const args = ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.url, '-c', text];
      return execFileSync(join(this.#programs, 'psql'), args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: '/',
        env: { ...process.env, PGPASSWORD: this.#password },
      }).trim();
    } catch (error) {
      if (error instanceof Error && 'status' in error) return null;
      throw error;
    }
  }

  /** The postmaster and, since its children notice, all of it; as when a machine loses its power. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    // Its children end when they see that it has gone; until then they hold the memory that a new one wants.
    for (let tries = 0; tries < 100 && this.sql('SELECT 1') !== null; tries++) {
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((done) => server.once('exit', done));
    server.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.#end('SIGINT');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
