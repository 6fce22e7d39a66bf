import type { Chip } from './chip.js';

/** `README.md`: in which order it is written, and how to see that it works. */
export function readme({ place, functionName, className }: Chip): string {
  const { packageName, name } = place;
  const scope = place.inRepository === undefined ? '' : ` --workspace ${packageName}`;
  return `# ${packageName}

The architecture ${name} for [hwbp](https://www.npmjs.com/package/@hwbp/core): \`composeKernel({ arch: ${functionName}() })\`.

## What is left to write

\`npm test${scope}\` is red, case by case; each says what to write next. It is all in two files:

| file | what | manual |
| --- | --- | --- |
| \`src/unit.ts\` | \`${className}Unit\`: \`write\`, \`fetch\`, \`access\`, \`retire\`, \`discard\`, \`reset\` | section 2, the silicon |
| \`src/backend.ts\` | \`${className}Port\`: \`status\` | section 5, the port |

What the answers told is written: \`src/manifest.ts\` (section 1), driver and \`parse\` (sections 3 and 4), and what a gdb from
outside needs (\`src/target.ts\`, section 7). The manual is \`docs/writing-a-backend.md\` of hwbp. When all is green, delete
\`src/unwritten.ts\`.

## How to see that it works

\`\`\`sh
npm test${scope}             # the contract suites
npm run defects${scope}      # five planted defects, and which case finds each
npm run demo${scope}         # a small kernel, with a breakpoint
npx hwbp debug ${place.inRepository === undefined ? '' : `${place.inRepository}/`}demo/kernel.config.ts   # the same, for your own gdb
\`\`\`
`;
}
