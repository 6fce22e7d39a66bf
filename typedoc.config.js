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
    // A public field that others may assign.
    modifierTags: [...OptionDefaults.modifierTags, '@settable'],
  },
  out: 'docs/api',
  includeVersion: true,
};
