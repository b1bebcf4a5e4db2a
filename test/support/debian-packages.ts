/**
 * Programs that the tests compare with or drive, and the Debian packages that hold them. Where one is missing, root's
 * `npm test` installs it (and says so first); anybody else is told the command.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const needed = [
  { debian: 'chromium', what: 'the browser of the e2e and desktop stand-in tests', there: hasChromium },
  {
    debian: 'fonts-dejavu-core',
    what: 'a font for that browser',
    there: () => existsSync('/usr/share/fonts'),
  },
  { debian: 'openslide-tools', what: 'oracle for slides', there: () => runs('openslide-show-properties') },
  {
    debian: 'python3-openslide',
    what: 'oracle for slide pixels',
    there: () => runs('/usr/bin/python3', '-c', 'import openslide'),
  },
  {
    debian: 'gdal-bin',
    what: 'oracle for geo-referenced images',
    there: () => runs('gdalinfo', '--version'),
  },
  { debian: 'libvips-tools', what: 'makes test images', there: () => runs('vips', '--version') },
  {
    debian: 'postgresql',
    what: 'the server of a queue',
    there: () => existsSync('/usr/lib/postgresql'),
  },
  {
    debian: 'libopenjp2-tools',
    what: 'makes JPEG 2000 tiles of test slides',
    there: () => runs('opj_compress', '-h'),
  },
  {
    debian: 'dcmtk',
    what: 'makes DICOM files, and is an oracle for them',
    there: () => runs('dcmcjpls', '--version'),
  },
  {
    debian: 'python3-pydicom',
    what: 'oracle for DICOM slides',
    there: () => runs('/usr/bin/python3', '-c', 'import pydicom'),
  },
  {
    debian: 'python3-numpy',
    what: 'pixels of that oracle',
    there: () => runs('/usr/bin/python3', '-c', 'import numpy'),
  },
  {
    debian: 'python3-pil',
    what: 'JPEG and JPEG 2000 of that oracle, and an oracle for resizing',
    there: () => runs('/usr/bin/python3', '-c', 'import PIL.Image'),
  },
  {
    debian: 'python3-gdal',
    what: 'makes test scenes',
    there: () => runs('/usr/bin/python3', '-c', 'import osgeo.gdal'),
  },
  {
    debian: 'libcharls2',
    what: 'oracle for JPEG-LS',
    there: () => runs('/usr/bin/python3', '-c', 'import ctypes; ctypes.CDLL("libcharls.so.2")'),
  },
  { debian: 'poppler-utils', what: 'reads PDF reports', there: () => runs('pdftotext', '-v') },
  { debian: 'qpdf', what: 'checks the structure of PDF reports', there: () => runs('qpdf', '--version') },
  { debian: 'libtiff-tools', what: 'oracle for TIFF structure', there: () => runs('tiffinfo', '-v') },
  { debian: 'sshfs', what: 'mounts a network share', there: () => runs('sshfs', '--version') },
  {
    debian: 'openssh-sftp-server',
    what: 'the server of that share',
    there: () => existsSync('/usr/lib/openssh/sftp-server'),
  },
  { debian: 'strace', what: 'records and disturbs system calls', there: () => runs('strace', '--version') },
] as const;

function runs(program: string, ...args: string[]): boolean {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' });
  // Only Python's answer tells whether the thing is there; the others need only be found.
  return error === undefined && (args[0] !== '-c' || status === 0);
}

function hasChromium(): boolean {
  return chromiumPath() !== null;
}

/** The browser for tests: GIGATILE_CHROMIUM, or where Linux distributions put it; null where there is none. */
export function chromiumPath(): string | null {
  const candidates = [
    process.env['GIGATILE_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  return candidates.find((path) => path !== undefined && existsSync(path)) ?? null;
}

/** Installs what is missing where that can be done; the names that are missing afterwards. */
export function ensureDebianPackages(): string[] {
  const missing = needed.filter((entry) => !entry.there());
  if (missing.length === 0) return [];
  for (const { debian, what } of missing) console.log(`missing: ${debian} (${what})`);
  const names = missing.map((entry) => entry.debian);
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) {
    console.log(`Install them, for instance on Debian: sudo ${command}`);
    return names;
  }
  console.log(`Installing them: ${command}`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', command.split(' ').slice(1), options);
  return needed.filter((entry) => !entry.there()).map((entry) => entry.debian);
}
