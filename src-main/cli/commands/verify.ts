/** `gigatile verify`: whether a bundle is what it was when it was made, and whether its case still is. */
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import { checkBundle, type CheckedBundle } from '../../reports/bundle/check-bundle.ts';
import { CaseFile } from '../../store/case-file.ts';
import { eventHead } from '../../store/event-head.ts';

interface CaseCheck {
  /** The log up to the moment of the bundle is as it was. */
  same: boolean;
  /** What happened to the case since. */
  eventsSince: number;
}

export async function verify(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { case: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new GigatileError('usage', 'verify takes one bundle: a folder or a zip file');
  }
  const checked = await checkBundle(path);
  const ofCase = values.case === undefined ? null : checkCase(values.case, checked);
  const isSame = checked.files.every(({ verdict }) => verdict === 'same') && ofCase?.same !== false;
  if (values.json) {
    const { files, manifestSha256, manifest } = checked;
    const answer = { same: isSame, manifestSha256, events: manifest.events, files, case: ofCase };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  } else {
    process.stdout.write(words(checked, ofCase, isSame));
  }
  return isSame ? 0 : 1;
}

function checkCase(path: string, { manifest: { events } }: CheckedBundle): CaseCheck {
  const file = CaseFile.openReadOnly(path);
  try {
    const then = eventHead(file.events.stored(), events.count);
    const now = eventHead(file.events.stored());
    return {
      same: then.count === events.count && then.head === events.head,
      eventsSince: Math.max(0, now.count - events.count),
    };
  } finally {
    file.close();
  }
}

const marks = { same: 'same     ', changed: 'CHANGED  ', missing: 'MISSING  ', extra: 'NOT IN IT' } as const;

function words({ files, manifestSha256 }: CheckedBundle, ofCase: CaseCheck | null, isSame: boolean): string {
  const lines = files.map(({ name, verdict, expected, found }) =>
    verdict === 'changed'
      ? `${marks[verdict]} ${name}: SHA-256 is ${found}, was ${expected}`
      : `${marks[verdict]} ${name}`,
  );
  if (ofCase !== null) {
    lines.push(
      ofCase.same
        ? `same      case: its log up to the bundle is unchanged; ${ofCase.eventsSince} events since`
        : 'CHANGED   case: its log is not the one that the bundle was made from',
    );
  }
  lines.push(`SHA-256 of the manifest: ${manifestSha256}`);
  lines.push(isSame ? 'The bundle is what it was.' : 'The bundle is NOT what it was.');
  return `${lines.join('\n')}\n`;
}
