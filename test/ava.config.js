export default {
  files: ['src/**/*.test.ts'],
  typescript: { rewritePaths: { 'src/': 'dist/' }, compile: false },
  require: ['./scripts/stacks.mjs'],
  concurrency: 2,
  timeout: '2m',
};
