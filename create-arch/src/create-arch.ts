import { type Files, type Initializer, ownManifest, packageFiles } from '@hwbp/scaffold';
import { architectureSource, indexSource, testSource } from './architecture-source.js';
import { backendSource } from './backend-source.js';
import { type Chip, chipOf, QUESTIONS } from './chip.js';
import { defectsSource } from './defects-source.js';
import { demoSource } from './demo-source.js';
import { manifestSource } from './manifest-source.js';
import { readme } from './readme.js';
import { targetSource } from './target-source.js';
import { unitSource } from './unit-source.js';

const OWN = ownManifest(new URL('../package.json', import.meta.url));

function filesOf(chip: Chip): Files {
  const { place } = chip;
  return {
    ...packageFiles({
      place,
      description: `The architecture ${place.name} for hwbp: its debug registers, and what a kernel does with them`,
      keywords: [place.name],
      versions: OWN.devDependencies,
      readme: readme(chip),
    }),
    'src/index.ts': indexSource(chip),
    'src/architecture.ts': architectureSource(chip),
    'src/manifest.ts': manifestSource(chip),
    'src/unit.ts': unitSource(chip),
    'src/backend.ts': backendSource(chip),
    'src/target.ts': targetSource(chip),
    'test/backend.test.ts': testSource(chip),
    'defects/defects.ts': defectsSource(chip),
    'demo/kernel.config.ts': demoSource(chip),
  };
}

/** `npm create @hwbp/arch NAME`: begins an architecture's backend. */
export const createArch: Initializer = {
  command: 'create-arch',
  description: 'Begins an architecture backend for hwbp: a package whose contract suite says what to write next.',
  subject: 'what the chip is called, such as kite',
  version: OWN.version,
  questions: QUESTIONS,
  folder: (name) => `arch-${name}`,
  packageName: (name) => `arch-${name}`,
  files: (place, answers) => filesOf(chipOf(place, answers)),
};
