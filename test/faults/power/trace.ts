/**
 * What a process did to the files below one folder, from the output of strace (-f -y -xx): strings and paths as hexadecimal bytes,
 * every descriptor with its path.
 */

export type DiskEvent =
  /** Opened for writing; made where it was missing, emptied where `empties`. */
  | { op: 'open'; path: string; creates: boolean; empties: boolean }
  /** `at` null: where the last write to this file ended. */
  | { op: 'write'; path: string; at: number | null; data: Buffer }
  | { op: 'truncate'; path: string; size: number }
  /** Of a file or of a folder. */
  | { op: 'sync'; path: string }
  | { op: 'rename'; from: string; to: string }
  | { op: 'unlink'; path: string }
  /** A line that tells what was promised (support/acknowledge.ts). */
  | { op: 'told'; line: string };

export const tracedCalls = [
  'openat',
  'write',
  'pwrite64',
  'ftruncate',
  'fallocate',
  'fsync',
  'fdatasync',
  'rename',
  'unlink',
  // Not understood below, and refused there: nobody uses them on a case today.
  'writev',
  'pwritev',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'truncate',
  'copy_file_range',
  'sync_file_range',
  'io_uring_setup',
];

interface Call {
  name: string;
  args: string[];
  /** undefined: the process ended in it. */
  result: string | undefined;
}

const hex = /\\x([0-9a-f]{2})/g;

function plain(text: string): string {
  return Buffer.from(text.replaceAll(hex, '$1'), 'hex').toString('utf8');
}

function quoted(text: string): Buffer {
  const inner = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(text)?.[1];
  if (inner === undefined) throw new Error(`a string was cut, or is none: ${text.slice(0, 60)} …`);
  return Buffer.from(inner.replaceAll('\\x', ''), 'hex');
}

/** `3</path>` */
function pathOf(descriptor: string): string {
  const path = /<((?:\\x[0-9a-f]{2})*)>/.exec(descriptor)?.[1] ?? '';
  return plain(path);
}

/** Calls in the order in which they began; one that another thread interrupted in the output gets its result from below. */
function* calls(lines: Iterable<string>): Generator<Call> {
  const open = new Map<string, Call>();
  for (const line of lines) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>.*?\)\s+= (.*)$/s.exec(rest);
    if (resumed) {
      const call = open.get(pid);
      if (call) call.result = resumed[1];
      open.delete(pid);
      continue;
    }
    const whole = /^(\w+)\((.*)\)\s+= (.*)$/s.exec(rest);
    const half = whole ? null : /^(\w+)\((.*?) <unfinished \.\.\.>$/s.exec(rest);
    const [, name, args = ''] = whole ?? half ?? [];
    if (name === undefined) continue;
    const call: Call = { name, args: args.replace(/,$/, '').split(', '), result: whole?.[3] };
    if (half) open.set(pid, call);
    yield call;
  }
}

/**
 * @param lines of the trace
 * @param root folder whose files count
 * @param toldPath file whose lines are promises
 */
export function diskEvents(lines: readonly string[], root: string, toldPath: string): DiskEvent[] {
  // All first: a call's result can stand below it.
  const wanted = [asHex(root), asHex(toldPath), 'resumed>'];
  const relevant = [...calls(lines.filter((line) => wanted.some((text) => line.includes(text))))];
  const isOurs = (path: string): boolean => path === root || path.startsWith(`${root}/`);
  const events: DiskEvent[] = [];
  for (const call of relevant) {
    const { name, args, result } = call;
    if (result?.startsWith('-1')) continue;
    const event = eventOf(name, args);
    if (event === null) continue;
    if ('path' in event && event.path === toldPath) {
      if (event.op === 'write') {
        for (const line of event.data.toString('utf8').split('\n').filter(Boolean))
          events.push({ op: 'told', line });
      }
    } else if (isOurs('path' in event ? event.path : event.op === 'rename' ? event.to : ''))
      events.push(event);
  }
  return events;
}

function asHex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function eventOf(name: string, args: readonly string[]): DiskEvent | null {
  const [first = '', second = '', third = '', fourth = ''] = args;
  switch (name) {
    case 'openat': {
      const flags = third;
      if (!/O_WRONLY|O_RDWR/.test(flags)) return null;
      const path = quoted(second).toString('utf8');
      return { op: 'open', path, creates: flags.includes('O_CREAT'), empties: flags.includes('O_TRUNC') };
    }
    case 'write':
      return { op: 'write', path: pathOf(first), at: null, data: quoted(second) };
    case 'pwrite64':
      return { op: 'write', path: pathOf(first), at: Number(fourth), data: quoted(second) };
    case 'ftruncate':
      return { op: 'truncate', path: pathOf(first), size: Number(second) };
    case 'fsync':
    case 'fdatasync':
      return { op: 'sync', path: pathOf(first) };
    case 'rename':
      return { op: 'rename', from: quoted(first).toString('utf8'), to: quoted(second).toString('utf8') };
    case 'unlink':
      return { op: 'unlink', path: quoted(first).toString('utf8') };
    default:
      throw new Error(`${name} is not understood: ${args.map((arg) => arg.slice(0, 80)).join(', ')}`);
  }
}
