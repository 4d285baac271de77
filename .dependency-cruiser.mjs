// The layers of src/, lower first. Each folder may import itself and what its line names;
// the platform folders also the pure
// entry, src/index.ts; tests anything. docs/architecture.md says what lives where.
const protocols = ['base', 'bytes', 'usb', 'ptp', 'canon'];
const toWorkflows = [...protocols, 'camera', 'discovery', 'workflows'];
const belowHolder = [...toWorkflows, 'normal', 'inspect', 'virtual', 'node'];

/** @type {Record<string, string[]>} */
const layers = {
  base: [],
  bytes: ['base'],
  usb: ['base', 'bytes'],
  ptp: ['base', 'bytes', 'usb'],
  canon: ['base', 'bytes', 'usb', 'ptp'],
  camera: protocols,
  normal: protocols,
  discovery: [...protocols, 'camera'],
  workflows: [...protocols, 'camera', 'discovery'],
  inspect: protocols,
  // `camera` because a virtual camera registers the opener of its addresses there.
  virtual: [...protocols, 'inspect', 'camera', 'discovery'],
  node: belowHolder,
  web: toWorkflows,
  api: toWorkflows,
  holder: belowHolder,
  server: [...belowHolder, 'api', 'holder'],
  cli: [...belowHolder, 'api', 'holder', 'server'],
};

const platform = ['node', 'holder', 'server', 'cli'];
/** They may build on the pure entry; all but `web` may use Node. */
const entries = [...platform, 'web'];
const test = '\\.test\\.ts$';
/** @param {string[]} folders */
const inFolders = (folders) => `^src/(${folders.join('|')})/`;

const layerRules = Object.entries(layers).map(([folder, below]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import ${below.length > 0 ? below.join(', ') : 'no other folder'}`,
  severity: 'error',
  from: { path: inFolders([folder]), pathNot: test },
  to: {
    path: '^src/',
    pathNot: entries.includes(folder)
      ? [inFolders([folder, ...below]), '^src/index\\.ts$']
      : inFolders([folder, ...below]),
  },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'layer-unknown',
      comment: 'a new folder of src needs its line in the table of layers',
      severity: 'error',
      from: { path: '^src/', pathNot: [inFolders(Object.keys(layers)), '^src/index\\.ts$', test] },
      to: {},
    },
    {
      name: 'entry-is-pure',
      comment: 'the main entry runs in a browser; virtual cameras are an entry of their own',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: inFolders([...entries, 'virtual']), reachable: true },
    },
    {
      name: 'no-node-in-core',
      comment: 'the core runs in a browser: no Node built-ins',
      severity: 'error',
      from: { path: '^src/', pathNot: [inFolders(platform), test] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circular',
      comment: 'circles hide who owns what; type-only ones do too',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-tests-in-code',
      comment: 'what is shipped does not import tests or what is installed for development only',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { path: ['^test/', test] },
    },
    {
      name: 'no-dev-dependency-in-code',
      comment: 'users do not have the development dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'not-resolvable',
      comment: 'the import leads nowhere, or to a package that package.json does not name',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
