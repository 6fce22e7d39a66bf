import type { Place } from './initializer.js';
import { LICENSE } from './license.js';
import { DEFECT_RUNNER, UNWRITTEN } from './texts.js';
import type { Files } from './write-package.js';

/** What a made package's manifest says of it. */
export interface MadePackage {
  readonly place: Place;
  readonly description: string;
  readonly keywords: readonly string[];
  /** Versions of all that it is built and tested with. */
  readonly versions: Readonly<Record<string, string>>;
  readonly readme: string;
}

/** What it runs with; everything else it is built and tested with. */
const RUNS_WITH = '@hwbp/core';

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

function manifestOf({ place, description, keywords, versions }: MadePackage): string {
  const { [RUNS_WITH]: core, ...rest } = versions;
  return json({
    name: place.packageName,
    version: '0.1.0',
    description,
    keywords: ['hwbp', 'hardware-breakpoint', ...keywords],
    license: 'MIT',
    author: place.inRepository === undefined ? undefined : 'the hwbp authors',
    type: 'module',
    sideEffects: false,
    exports: {
      '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      './package.json': './package.json',
    },
    files: ['dist/src', 'src'],
    engines: { node: '>=20.19' },
    publishConfig: { access: 'public' },
    scripts: {
      build: 'tsc -b',
      test: 'tsc -b && ava',
      defects: 'tsc -b && node dist/defects/run.js',
      demo: 'hwbp run demo/kernel.config.ts',
    },
    ava: { files: ['dist/test/**/*.test.js'], timeout: '2m' },
    dependencies: { [RUNS_WITH]: core },
    devDependencies: rest,
  });
}

const BUILT = { rootDir: '.', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo', types: ['node'] };
const INCLUDE = ['src', 'test', 'defects', 'demo'];

/** The settings of hwbp's own packages. */
const ALONE = {
  target: 'ES2023',
  lib: ['ES2023', 'ESNext.Disposable'],
  module: 'NodeNext',
  moduleDetection: 'force',
  composite: true,
  declaration: true,
  sourceMap: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: true,
};

function configOf({ place: { inRepository } }: MadePackage): string {
  if (inRepository === undefined) return json({ compilerOptions: { ...ALONE, ...BUILT }, include: INCLUDE });
  const up = inRepository.split('/').fill('..').join('/');
  const references = ['core', 'testkit'].map((directory) => ({ path: `${up}/${directory}` }));
  return json({ extends: `${up}/tsconfig.base.json`, compilerOptions: BUILT, include: INCLUDE, references });
}

/** What every made package has, whatever it is: manifest, settings, licence, the runner of its planted defects. */
export function packageFiles(made: MadePackage): Files {
  const alone = made.place.inRepository === undefined;
  return {
    'package.json': manifestOf(made),
    'tsconfig.json': configOf(made),
    'README.md': made.readme,
    LICENSE,
    ...(alone ? { '.gitignore': 'node_modules/\ndist/\n' } : {}),
    'src/unwritten.ts': UNWRITTEN,
    'defects/run.ts': DEFECT_RUNNER,
  };
}
