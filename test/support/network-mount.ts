/** A folder of this machine as a share of another one: SSHFS (FUSE) with an SFTP server behind it, without a network between them. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeOf } from '../../src-main/store/place.ts';

const servers = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
];
const mountMs = 20_000;

export interface NetworkMount {
  path: string;
  /** The server is gone: whoever uses the share gets errors. */
  breaks(): Promise<void>;
  unmount(): Promise<void>;
}

/** Why nothing can be mounted here; null where it can be tried. */
function whyNot(): string | null {
  if (process.platform !== 'linux' || !existsSync('/dev/fuse')) return 'there is no FUSE';
  if (spawnSync('sshfs', ['--version']).status !== 0) return 'Debian package sshfs is missing';
  if (!servers.some((path) => existsSync(path))) return 'Debian package openssh-sftp-server is missing';
  return null;
}

/** @param server folder that is shared; @returns the share, or why there is none */
export async function mountShare(server: string, path: string): Promise<NetworkMount | string> {
  const reason = whyNot();
  if (reason !== null) return reason;
  mkdirSync(path, { recursive: true });
  // In place of ssh: the server itself, whatever the host is called.
  const ssh = join(dirname(path), 'sftp-only');
  writeFileSync(ssh, `#!/bin/sh\nexec ${servers.find((each) => existsSync(each))}\n`);
  chmodSync(ssh, 0o755);
  const child = spawn('sshfs', ['-f', '-o', `ssh_command=${ssh}`, `elsewhere:${server}`, path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (const until = Date.now() + mountMs; !placeOf(join(path, 'case')).isNetwork; await sleep(20)) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      spawnSync('umount', ['-l', path]);
      return `no share can be mounted: ${said.trim() || 'it does not come up'}`;
    }
  }
  return {
    path,
    breaks: () => ended(child, 'SIGKILL'),
    unmount: async () => {
      // Lazily: also where the server is gone, and whoever still holds a file.
      spawnSync('umount', ['-l', path]);
      await ended(child, 'SIGTERM');
    },
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
