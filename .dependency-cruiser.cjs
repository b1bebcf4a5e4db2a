/**
 * The import matrix of the house. A rule that is not checked is not there: `npm run lint` fails on any breach.
 * Rooms may import themselves, and what is listed here.
 */
const rooms = {
  contract: [],
  core: ['contract'],
  images: ['core', 'contract'],
  models: ['core', 'contract'],
  remote: ['core', 'contract', 'models'],
  samples: ['core', 'contract', 'images'],
  store: ['core', 'contract'],
  reports: ['core', 'contract', 'store'],
  workers: ['core', 'contract', 'images', 'models', 'samples', 'remote'],
  engine: ['core', 'contract', 'images', 'models', 'store', 'reports', 'remote'],
  scale: ['core', 'contract', 'images', 'models', 'store', 'reports', 'remote', 'engine'],
  web: ['core', 'contract', 'engine'],
  electron: ['core', 'contract', 'engine', 'scale'],
  cli: ['core', 'contract', 'images', 'models', 'samples', 'store', 'reports', 'engine', 'web', 'scale'],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `src-main/${room} imports only itself and: ${allowed.join(', ') || 'nothing'}.`,
  severity: 'error',
  from: { path: `^src-main/${room}/` },
  to: { path: '^src-(main|renderer)/', pathNot: `^src-main/(${[room, ...allowed].join('|')})/` },
}));

/** Packages that only some rooms may load. */
const guarded = {
  electron: ['electron'],
  sharp: ['workers'],
  'onnxruntime-node': ['workers'],
  '@julusian/jpeg-turbo': ['workers'],
  '@cornerstonejs/.+': ['workers'],
  lerc: ['workers'],
  koffi: ['workers'],
  // A case is the store's; a GeoPackage is an SQLite file too.
  'better-sqlite3': ['store', 'reports'],
  '@aws-sdk/.+': ['remote', 'scale'],
  '@aws/.+': ['scale'],
  'pg(-boss)?': ['scale'],
  '@smithy/.+': ['remote'],
  ws: ['web'],
};

const packageRules = Object.entries(guarded).map(([name, allowed]) => ({
  name: `package-${name.replace('/.+', '')}`,
  comment: `Only src-main/${allowed.join(', ')} loads ${name}.`,
  severity: 'error',
  from: { path: '^src-(main|renderer)/', pathNot: `^src-main/(${allowed.join('|')})/` },
  to: { path: `(^|/)node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...packageRules,
    {
      name: 'images-are-read-in-workers',
      comment:
        'An image is untrusted input: what parses or decodes one runs in a worker process, with its limits of time and memory. Elsewhere only a look at the file (image-stamp) and the writing of samples are allowed.',
      severity: 'error',
      from: { path: '^src-(main|renderer)/', pathNot: '^src-main/(images|workers)/' },
      to: { path: '^src-main/images/', pathNot: '^src-main/images/(image-stamp[.]ts$|write/)' },
    },
    {
      name: 'workers-are-forked',
      comment: 'Nobody imports what runs in workers: codecs would be loaded into the importing process.',
      severity: 'error',
      from: { path: '^src-(main|renderer)/', pathNot: '^src-main/workers/' },
      to: { path: '^src-main/workers/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'renderer-sees-only-contract-and-core',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/', pathNot: '^src-main/(contract|core)/' },
    },
    {
      name: 'pure-rooms-touch-no-system',
      comment: 'contract and core run in the renderer too.',
      severity: 'error',
      // The kernel's compiler is a script that is run by hand, and nothing imports it.
      from: { path: '^src-main/(contract|core)/', pathNot: 'pixel-kernel/build-kernel\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-packages',
      severity: 'error',
      from: { path: '^src-main/contract/' },
      to: { path: 'node_modules', pathNot: 'node_modules/(zod|@orpc/contract)/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot:
          '(\\.d\\.ts$|\\.css$|\\.entry\\.ts$|electron/(main|preload)\\.ts$|cli/(main|bin)\\.|pixel-kernel/build-kernel\\.ts$)',
      },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'src-renderer/tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.css', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
