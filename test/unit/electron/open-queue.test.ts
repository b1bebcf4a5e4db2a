import { describe, expect, it } from 'vitest';
import { filesOfArguments, OpenQueue } from '../../../src-main/electron/open-queue.ts';

describe('files on the command line', () => {
  it('come after the program, and after the application where it is not packaged', () => {
    expect(filesOfArguments(['/opt/gigatile', 'a.svs', '/data/b.tif'], '/home/me', true)).toEqual([
      '/home/me/a.svs',
      '/data/b.tif',
    ]);
    expect(filesOfArguments(['/n/electron', '.', '../a.svs'], '/home/me', false)).toEqual(['/home/a.svs']);
    expect(filesOfArguments(['/opt/gigatile'], '/home/me', true)).toEqual([]);
  });

  it('are not Chromium’s switches, wherever it puts them', () => {
    const argv = [
      '/n/electron',
      '--no-sandbox',
      '.',
      '--allow-file-access-from-files',
      '--inspect=0',
      'a b.svs',
      '',
    ];
    expect(filesOfArguments(argv, '/w', false)).toEqual(['/w/a b.svs']);
  });

  it('may begin with a dash after --', () => {
    expect(filesOfArguments(['/opt/gigatile', '--', '-odd.svs', '--'], '/w', true)).toEqual([
      '/w/-odd.svs',
      '/w/--',
    ]);
  });
});

describe('the queue', () => {
  it('keeps what comes before the engine and passes on what comes after, each once and in order', () => {
    const queue = new OpenQueue();
    const later: string[] = [];
    queue.add('/1');
    queue.add('/2');
    expect(queue.drain((path) => later.push(path))).toEqual(['/1', '/2']);
    queue.add('/3');
    queue.add('/4');
    expect(later).toEqual(['/3', '/4']);
  });
});
