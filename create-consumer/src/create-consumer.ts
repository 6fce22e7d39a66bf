import { type Files, type Initializer, ownManifest, packageFiles } from '@hwbp/scaffold';
import { consumerSource } from './consumer-source.js';
import { demoSource } from './demo-source.js';
import { errorsSource, indexSource, optionsSource, pluginSource } from './parts-source.js';
import { readme } from './readme.js';
import { contractSource, defectsSource, testSource } from './suite-source.js';
import { QUESTIONS, type Wish, wishOf } from './wish.js';

const OWN = ownManifest(new URL('../package.json', import.meta.url));

function filesOf(wish: Wish): Files {
  const { place } = wish;
  return {
    ...packageFiles({
      place,
      description: `The consumer ${place.name} for hwbp: what it does with hardware breakpoints`,
      keywords: [place.name],
      versions: OWN.devDependencies,
      readme: readme(wish),
    }),
    'src/index.ts': indexSource(wish),
    'src/consumer.ts': consumerSource(wish),
    'src/errors.ts': errorsSource(wish),
    'src/options.ts': optionsSource(wish),
    'src/plugin.ts': pluginSource(wish),
    'test/contract.ts': contractSource(wish),
    'test/consumer.test.ts': testSource(wish),
    'defects/defects.ts': defectsSource(wish),
    'demo/kernel.config.ts': demoSource(wish),
  };
}

/** `npm create @hwbp/consumer NAME`: begins a consumer. */
export const createConsumer: Initializer = {
  command: 'create-consumer',
  description: 'Begins a consumer of hwbp: a plugin whose contract suite says what to write next.',
  subject: 'what the consumer is called, such as hit-counter',
  version: OWN.version,
  questions: QUESTIONS,
  folder: (name, inRepository) => (inRepository ? `consumers/${name}` : name),
  packageName: (name) => name,
  files: (place, answers) => filesOf(wishOf(place, answers)),
};
