/** `gigatile case …`: the case file itself, to look at, copy, check and mend. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseFacts } from '../../contract/case-facts.ts';
import { GigatileError } from '../../contract/errors.ts';
import { checkLog } from '../../engine/check-log.ts';
import { CaseFile } from '../../store/case-file.ts';
import { restoreHint } from '../../store/backups.ts';
import { megabytes } from '../../store/files.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface Order {
  path: string;
  out: string | undefined;
  json: boolean;
}

/** Opened for reading, as long as `look` takes. */
function reading<T>(path: string, look: (file: CaseFile) => T): T {
  const file = CaseFile.openReadOnly(path);
  try {
    return look(file);
  } finally {
    file.close();
  }
}

function factLines(facts: CaseFacts): string[] {
  const gaps = facts.emptyBytes > 0 ? `, ${megabytes(facts.emptyBytes)} of it gaps` : '';
  const where = facts.place === 'network' ? 'a network share' : 'a local disk';
  const system = facts.fileSystem === '' ? '' : ` (${facts.fileSystem})`;
  const { owner } = facts;
  return [
    `case          ${facts.name}, version ${facts.version}`,
    `image         ${facts.imageName ?? 'none'}`,
    `holds         ${facts.runs} runs, ${facts.tiles} tiles, ${facts.findings} findings, ${facts.decisions} decisions`,
    `size          ${megabytes(facts.bytes)}${gaps}`,
    `disk          ${where}${system}, ${megabytes(facts.freeBytes)} free`,
    `kept by       ${facts.durability}`,
    `open in       ${owner === null ? 'no program' : `process ${owner.pid} on ${owner.host} since ${owner.since}`}`,
    ...(facts.backups.length === 0 ? ['backups       none'] : []),
    ...facts.backups.map(({ name, at, bytes }) => `backup        ${name}, ${at}, ${megabytes(bytes)}`),
  ];
}

function info({ path, json }: Order): number {
  const facts = reading(path, (file) => file.facts());
  if (json) print(JSON.stringify(facts));
  else factLines(facts).forEach(print);
  return 0;
}

function check({ path, json }: Order): number {
  const problems = reading(path, (file) =>
    file.atOneMoment(() => {
      const damage = file.check();
      // Of a damaged file the log says as little as the tables.
      return damage.length > 0 ? damage : checkLog(file);
    }),
  );
  if (json) print(JSON.stringify({ sound: problems.length === 0, problems }));
  if (problems.length > 0) {
    throw new GigatileError('case-corrupt', `The case file is damaged: ${problems.join('; ')}`, {
      where: path,
      hint: restoreHint(path),
    });
  }
  if (!json)
    print(
      `${basename(path)} is sound: every page and every reference was looked at, and its tiles are as its event log says`,
    );
  return 0;
}

async function copy({ path, out, json }: Order): Promise<number> {
  if (out === undefined) {
    throw new GigatileError('usage', 'case copy needs --out <file>', {
      hint: 'For instance: gigatile case copy slide.gigatile --out /media/stick/slide.gigatile',
    });
  }
  const target = resolve(out);
  if (existsSync(target)) {
    throw new GigatileError('usage', 'There is a file of this name already', {
      where: target,
      hint: 'Remove it, or choose another name.',
    });
  }
  const file = CaseFile.openReadOnly(path);
  try {
    await file.saveCopy(target);
  } finally {
    file.close();
  }
  const { bytes } = reading(target, (copied) => copied.facts());
  print(json ? JSON.stringify({ copy: target, bytes }) : `wrote ${target}, ${megabytes(bytes)}`);
  return 0;
}

function restore({ path, json }: Order): number {
  const { backup, aside } = CaseFile.restore(path);
  if (json) {
    print(JSON.stringify({ restored: path, from: backup.path, at: backup.at.toISOString(), aside }));
    return 0;
  }
  print(`${basename(path)} is as it was at ${backup.at.toISOString()}`);
  if (aside !== null) print(`The file that was there is now ${aside}`);
  return 0;
}

function compact({ path, json }: Order): number {
  const file = CaseFile.open(path, 'write');
  let saved: number;
  try {
    saved = file.compact();
  } finally {
    file.close();
  }
  const { bytes } = reading(path, (compacted) => compacted.facts());
  print(
    json
      ? JSON.stringify({ bytes, saved })
      : `${megabytes(saved)} were given back; it is ${megabytes(bytes)} now`,
  );
  return 0;
}

const orders: Record<string, (order: Order) => number | Promise<number>> = {
  info,
  check,
  copy,
  restore,
  compact,
};

export async function caseCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [name, path] = positionals;
  const order = name === undefined ? undefined : orders[name];
  if (order === undefined || path === undefined || positionals.length > 2) {
    throw new GigatileError(
      'usage',
      `case takes one of ${Object.keys(orders).join(', ')}, and one case file`,
    );
  }
  return order({ path: resolve(path), out: values.out, json: values.json });
}
