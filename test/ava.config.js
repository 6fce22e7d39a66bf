/**
 * Files that take seconds, the longest first: what begins early overlaps with all the rest. `growth` stands beside the
 * page, which waits for a browser: while it counts steps nothing is optimised in the process, for whoever runs too.
 */
const LONGEST = [
  'playground/page',
  'growth/growth',
  'contract/planted',
  'scaffold/create-arch',
  'playground/trace-page',
  'cli/debug',
  'cli/config-faults',
  'playground/trace-page-faults',
  'playground/trace-page-big',
  'cli/outputs',
  'cli/xmon',
  'clients/packed',
  'conformance/kvm',
  'conformance/strict',
  'conformance/recordings',
  'clients/recorder',
  'cli/command',
  'conformance/emit',
  'conformance/ppc64',
  'replay/input',
  'replay/trust',
  'replay/recorded',
  'conformance/malformed-lines',
];

const place = (file) => {
  const at = LONGEST.findIndex((name) => file.endsWith(`/src/${name}.test.ts`));
  return at < 0 ? LONGEST.length : at;
};

export default {
  files: ['src/**/*.test.ts'],
  typescript: { rewritePaths: { 'src/': 'dist/' }, compile: false },
  require: ['./scripts/stacks.mjs'],
  concurrency: 2,
  timeout: '2m',
  sortTestFiles: (a, b) => place(a) - place(b) || a.localeCompare(b),
};
