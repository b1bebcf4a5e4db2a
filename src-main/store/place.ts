/**
 * On which kind of file system a case lies. A write-ahead log needs shared memory between all who use the file, which shares
 * over a network do not have: there cases are kept in another way (open-database.ts).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Place {
  isNetwork: boolean;
  /** Name of the file system as the operating system gives it, such as `nfs4`; empty where it does not say. */
  fileSystem: string;
}

/**
 * Names of file systems that other machines can write to at the same time, as /proc/self/mountinfo and macOS's `mount` give
 * them. Folders that a virtual machine shares with its host (9p, virtiofs, vboxsf, vmhgfs) are such too.
 */
const network =
  /^(nfs\d?|cifs|smb\d?|smbfs|afpfs|webdav|davfs2?|9p|virtiofs|vboxsf|vmhgfs|prl_fs|ceph|glusterfs|lustre|gpfs|beegfs|afs|coda|ocfs2|gfs2|ncpfs|fuse\.(sshfs|rclone|davfs2?|s3fs|goofys|gcsfuse|glusterfs|ceph(-fuse)?|juicefs|curlftpfs|vmhgfs-fuse|smbnetfs|cifs|nfs))$/;

const local: Place = { isNetwork: false, fileSystem: '' };

export function isNetworkFileSystem(name: string): boolean {
  return network.test(name.toLowerCase());
}

interface Mount {
  at: string;
  fileSystem: string;
}

/** The file system of the mount that lies deepest above `folder`; of two at one place the later one hides the earlier. */
export function placeAmong(mounts: readonly Mount[], folder: string): Place {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const isAbove = folder === mount.at || mount.at === '/' || folder.startsWith(`${mount.at}/`);
    if (isAbove && (best === null || mount.at.length >= best.at.length)) best = mount;
  }
  if (best === null) return local;
  return { isNetwork: isNetworkFileSystem(best.fileSystem), fileSystem: best.fileSystem };
}

/** Text of /proc/self/mountinfo (proc(5)): the mount point is the 5th field, the file system the first after " - ". */
export function parseMountInfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const at = before.split(' ')[4];
    const fileSystem = after.split(' ')[0];
    if (at === undefined || fileSystem === undefined || fileSystem === '') return [];
    // Blanks and the like are written as octal numbers.
    const plain = at.replaceAll(/\\([0-7]{3})/g, (_all, code: string) =>
      String.fromCodePoint(parseInt(code, 8)),
    );
    return [{ at: plain, fileSystem }];
  });
}

/** What `mount` of macOS prints: `//user@server/share on /Volumes/share (smbfs, nodev)`. */
export function parseMountList(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const match = / on (\/.*) \(([\w.]+)[,)]/.exec(line);
    return match ? [{ at: match[1] ?? '', fileSystem: match[2] ?? '' }] : [];
  });
}

/** `\\server\share` or `\\?\UNC\server\share`; the local device prefixes `\\?\C:` and `\\.\` are none. */
export function isUncPath(path: string): boolean {
  return /^[\\/]{2}(\?[\\/]UNC[\\/]|(?![?.][\\/])[^\\/])/i.test(path);
}

/** Its real path, or that of the folder that is there already. */
function realFolder(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      return realpathSync.native(folder);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' || dirname(folder) === folder) return folder;
    }
  }
}

/** @param path absolute path of a case, which need not be there yet */
export function placeOf(path: string): Place {
  const folder = realFolder(path);
  switch (process.platform) {
    case 'win32':
      // The real path of a drive letter that stands for a share is the share's.
      return isUncPath(folder) ? { isNetwork: true, fileSystem: 'network share' } : local;
    case 'linux':
      return placeAmong(parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')), folder);
    case 'darwin':
      // Starting a program for each case is spared where no share can be.
      if (!/^\/(Volumes|Network|net|private\/(var|tmp))\//.test(folder)) return local;
      return placeAmong(parseMountList(spawnSync('/sbin/mount', { encoding: 'utf8' }).stdout), folder);
    default:
      return local;
  }
}
