/** Where OpenSlide may be on this system. It is never part of Gigatile: whoever wants its formats installs it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const names: Readonly<Record<string, readonly string[]>> = {
  linux: ['libopenslide.so.1', 'libopenslide.so.0'],
  darwin: ['libopenslide.1.dylib', 'libopenslide.0.dylib', 'libopenslide.dylib'],
  win32: ['libopenslide-1.dll', 'libopenslide-0.dll'],
};

/** Homebrew and MacPorts lie outside of where macOS looks by itself. */
const macFolders = ['/opt/homebrew/lib', '/usr/local/lib', '/opt/local/lib'];

/**
 * What to try to load, the newest first: `GIGATILE_OPENSLIDE` (a file, or a folder that holds one) and nothing else where it is
 * set; else the system's own search, and the usual places beside it.
 */
export function libraryCandidates(
  env: Environment = process.env,
  platform: string = process.platform,
): string[] {
  const known = names[platform] ?? names['linux'] ?? [];
  const chosen = env['GIGATILE_OPENSLIDE'];
  if (chosen) {
    const inFolder = known.map((name) => join(chosen, name)).filter((path) => existsSync(path));
    return inFolder.length > 0 ? inFolder : [chosen];
  }
  if (platform === 'darwin') {
    return [...macFolders.flatMap((folder) => known.map((name) => join(folder, name))), ...known];
  }
  if (platform === 'win32') {
    const folders = [env['ProgramFiles'], env['LOCALAPPDATA']].filter((folder) => folder !== undefined);
    const usual = folders.flatMap((folder) =>
      known.map((name) => join(folder, 'OpenSlide', 'bin', name)).filter((path) => existsSync(path)),
    );
    return [...usual, ...known];
  }
  return [...known];
}

/** How to get it, by system. */
export function installHint(platform: string = process.platform): string {
  const where =
    platform === 'darwin'
      ? '"brew install openslide"'
      : platform === 'win32'
        ? 'the Windows build from openslide.org, and GIGATILE_OPENSLIDE set to its bin folder'
        : 'the package libopenslide1 or libopenslide0 (Debian, Ubuntu), openslide (Fedora, Arch)';
  return `Install OpenSlide: ${where}. A library elsewhere is named in GIGATILE_OPENSLIDE.`;
}
