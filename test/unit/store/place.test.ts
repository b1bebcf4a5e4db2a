/** Which file systems are shared with other machines, by what the operating systems print. */
import { expect, it } from 'vitest';
import {
  isNetworkFileSystem,
  isUncPath,
  parseMountInfo,
  parseMountList,
  placeAmong,
  placeOf,
} from '../../../src-main/store/place.ts';

const mountInfo = `21 26 0:20 / /proc rw,relatime - proc proc rw
26 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 26 0:50 / /home rw shared:2 - btrfs /dev/sdb rw
41 40 0:51 / /home/ann/share\\040of\\040lab rw,relatime shared:3 master:4 - cifs //server/lab rw,vers=3.1.1
42 26 0:52 / /mnt/slides rw - nfs4 server:/slides rw
43 42 0:53 / /mnt/slides/scratch rw - ext4 /dev/sdc rw
44 26 0:54 / /mnt/ssh rw - fuse.sshfs ann@host:/ rw
45 26 0:55 / /mnt/disk rw - fuseblk /dev/sdd1 rw
46 26 0:56 / /mnt/c rw - 9p C:\\\\ rw
47 26 0:57 / /srv rw - ext4 /dev/sde rw
48 26 0:58 / /srv rw - nfs server:/srv rw
`;

it.each([
  ['/home/ann', false, 'btrfs'],
  ['/home/ann/share of lab/case', true, 'cifs'],
  ['/home/ann/share of labour', false, 'btrfs'],
  ['/mnt/slides', true, 'nfs4'],
  ['/mnt/slides/scratch/a', false, 'ext4'],
  ['/mnt/ssh/a', true, 'fuse.sshfs'],
  ['/mnt/disk', false, 'fuseblk'],
  ['/mnt/c/Users', true, '9p'],
  ['/srv/a', true, 'nfs'],
  ['/var', false, 'ext4'],
])('Linux: %s', (folder, isNetwork, fileSystem) => {
  expect(placeAmong(parseMountInfo(mountInfo), folder)).toEqual({ isNetwork, fileSystem });
});

const mountList = `/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ann@server/lab on /Volumes/lab (smbfs, nodev, nosuid, mounted by ann)
server:/slides on /Volumes/slides of 2026 (nfs)
/dev/disk4s1 on /Volumes/USB (exfat, local, nodev)
`;

it.each([
  ['/Volumes/lab/a', true],
  ['/Volumes/slides of 2026', true],
  ['/Volumes/USB/a', false],
  ['/Users/ann', false],
])('macOS: %s', (folder, isNetwork) => {
  expect(placeAmong(parseMountList(mountList), folder).isNetwork).toBe(isNetwork);
});

it.each([
  ['\\\\server\\share\\a.gigatile', true],
  ['//server/share', true],
  ['\\\\?\\UNC\\server\\share', true],
  ['\\\\?\\C:\\a', false],
  ['\\\\.\\pipe\\x', false],
  ['C:\\a', false],
  ['/a/b', false],
])('Windows: %s', (path, isNetwork) => {
  expect(isUncPath(path)).toBe(isNetwork);
});

it('disks, memory and encrypted folders of this machine are no share', () => {
  const local = [
    'ext4',
    'xfs',
    'btrfs',
    'zfs',
    'tmpfs',
    'overlay',
    'apfs',
    'exfat',
    'fuseblk',
    'ecryptfs',
    'fuse.gocryptfs',
    'NTFS',
  ];
  expect(local.filter(isNetworkFileSystem)).toEqual([]);
  expect(placeOf('/proc/self/no/such/folder/case.gigatile').isNetwork).toBe(false);
});
