/**
 * A distribution of Electron as far as electron-builder touches it: names of files, the wire of fuses that it flips, a Windows
 * program whose resources it edits, macOS bundles whose property lists it rewrites. None of it runs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';
import type { Platform } from './platforms.ts';

/** The sentinel of Electron's fuses, schema 1, nine fuses, all of them on ("1"): electronjs.org/docs/latest/tutorial/fuses. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('111111111'),
]);

function write(folder: string, path: string, content: string | Buffer = ''): void {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content, { mode: 0o755 });
}

const propertyList = (executable: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>CFBundleExecutable</key><string>${executable}</string>
  <key>CFBundleIdentifier</key><string>com.github.Electron</string>
</dict></plist>
`;

/** A program without code, with the version that resource editors want to find. */
function windowsProgram(): Buffer {
  const program = NtExecutable.createEmpty(false, false);
  const resources = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Electron' });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  return Buffer.from(program.generate());
}

export function writeStandInElectron(folder: string, { name }: Platform): void {
  if (name === 'mac') {
    const contents = join(folder, 'Electron.app', 'Contents');
    write(contents, 'Info.plist', propertyList('Electron'));
    write(contents, 'MacOS/Electron');
    mkdirSync(join(contents, 'Resources'), { recursive: true });
    write(contents, 'Frameworks/Electron Framework.framework/Electron Framework', fuseWire);
    write(contents, 'Frameworks/Electron Framework.framework/Versions/A/Resources/en.lproj/locale.pak');
    for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
      const helper = `Frameworks/Electron Helper${kind}.app/Contents`;
      write(contents, `${helper}/Info.plist`, propertyList(`Electron Helper${kind}`));
      write(contents, `${helper}/MacOS/Electron Helper${kind}`);
    }
    return;
  }
  write(folder, 'locales/en-US.pak');
  write(folder, 'locales/de.pak');
  mkdirSync(join(folder, 'resources'), { recursive: true });
  if (name === 'linux') write(folder, 'electron', fuseWire);
  else write(folder, 'electron.exe', Buffer.concat([windowsProgram(), fuseWire]));
}
