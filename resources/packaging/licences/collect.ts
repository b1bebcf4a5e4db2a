/** The licences of everything that is passed on with Gigatile, as one text for people. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { saidElsewhere } from './allowed.ts';
import { packageName, readLockedPackages } from '../check/lock-file.ts';

export interface Notice {
  name: string;
  version: string;
  licence: string;
  text: string;
}

interface Manifest {
  version: string;
  license?: string;
  author?: string | { name: string };
  contributors?: (string | { name: string })[];
}

/** Folders of the packages that are installed with the application, below the project. */
export function shippedPackages(root: string): string[] {
  return [...readLockedPackages(root)]
    .filter(([path, { dev }]) => dev !== true && existsSync(join(root, path)))
    .map(([path]) => path);
}

/** @param folder `node_modules/…`, below the project */
export function noticeOf(root: string, folder: string): Notice {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const name = packageName(folder);
  const licence = manifest.license ?? saidElsewhere[name] ?? 'unknown';
  const files = readdirSync(join(root, folder)).filter((file) =>
    /^(licen[cs]e|copying|notice|third)/i.test(file),
  );
  const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
  // libvips names in its README the libraries that it holds, and theirs.
  if (name.startsWith('@img/sharp-') && existsSync(join(root, folder, 'versions.json'))) {
    texts.push(readFileSync(join(root, folder, 'README.md'), 'utf8').trim());
  }
  if (files.length === 0 || /LGPL/.test(licence)) texts.push(standardText(root, licence, manifest));
  return { name, version: manifest.version, licence, text: texts.filter((text) => text !== '').join('\n\n') };
}

/** What the licence says by itself, with the authors that the package names. */
function standardText(root: string, licence: string, { author, contributors = [] }: Manifest): string {
  const names = [author, ...contributors].flatMap((one) =>
    typeof one === 'object' ? one.name : (one ?? []),
  );
  const ids = licence.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /);
  const texts = ids.flatMap((id) => {
    const file = join(root, 'resources/packaging/licences/texts', `${id}.txt`);
    return existsSync(file) ? [readFileSync(file, 'utf8').trim()] : [];
  });
  const copyright = names.length === 0 ? [] : [`Copyright (c) ${names.join(', ')}`];
  return [...copyright, ...texts].join('\n\n');
}

/** One text: a list first, then each licence once, with the packages that have it word for word. */
export function formatNotices(notices: readonly Notice[]): string {
  const sorted = [...new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, notice]) => notice);
  const byText = new Map<string, Notice[]>();
  for (const notice of sorted) {
    const words = notice.text.replaceAll(/\s+/g, ' ');
    byText.set(words, [...(byText.get(words) ?? []), notice]);
  }
  const list = sorted.map(({ name, version, licence }) => `${name} ${version}  ${licence}`);
  const parts = [...byText.values()].map(
    (same) =>
      `${'-'.repeat(80)}\n${same.map(({ name, version }) => `${name} ${version}`).join(', ')}\n\n${same[0]!.text}`,
  );
  return [
    'Gigatile is licensed under the Apache License 2.0 and holds the software of others:',
    `\n${list.join('\n')}\n`,
    parts.join('\n\n'),
    '',
  ].join('\n');
}

/** @param bundled folders of packages that lie in a bundle, and are not installed with the application */
export function collectNotices(root: string, bundled: readonly string[]): string {
  const folders = new Set([
    ...shippedPackages(root),
    ...bundled.filter((folder) => existsSync(join(root, folder))),
  ]);
  return formatNotices([...folders].map((folder) => noticeOf(root, folder)));
}
