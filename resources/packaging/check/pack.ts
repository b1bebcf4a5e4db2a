/** Packs the application for one system with electron-builder itself, up to what an installer would hold. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './platforms.ts';
import { stage } from './stage.ts';
import { writeStandInElectron } from './stand-in-electron.ts';

/** @returns the folder that would be installed, with `resources/app.asar` in it */
export function pack(root: string, folder: string, platform: Platform): string {
  rmSync(folder, { recursive: true, force: true });
  const [project, electron, output] = ['project', 'electron', 'packed'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(project, { recursive: true });
  stage(root, project, platform);
  writeStandInElectron(electron, platform);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      `--${platform.name}`,
      'dir',
      `--${platform.arch}`,
      `--projectDir=${project}`,
      `--config.electronDist=${electron}`,
      `--config.directories.output=${output}`,
    ],
    // Nothing is signed, whatever the environment offers.
    { cwd: project, encoding: 'utf8', env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' } },
  );
  if (status !== 0) throw new Error(`electron-builder failed for ${platform.name}:\n${stdout}${stderr}`);
  return join(output, platform.folder);
}
