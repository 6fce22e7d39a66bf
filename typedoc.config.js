import { OptionDefaults } from 'typedoc';

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'hwbp',
  entryPointStrategy: 'packages',
  entryPoints: [
    'core',
    'arch-*',
    'lackey',
    'schedulers',
    'syscalls',
    'devices',
    'locks',
    'history',
    'consumers/*',
    'conform',
    'testkit',
  ],
  packageOptions: {
    entryPoints: ['src/index.ts'],
    // There is no address yet that links could lead to.
    disableSources: true,
    // A public field that others may assign.
    modifierTags: [...OptionDefaults.modifierTags, '@settable'],
  },
  out: 'docs/api',
  includeVersion: true,
  // What the reference names, and is not in it, is exported, or marked in its package's typedoc.json.
  treatWarningsAsErrors: true,
};
