import { SECTION } from './manual.js';
import type { Wish } from './wish.js';

/** `README.md`: what is left to write, and how to see that it works. */
export function readme({ place, functionName, className }: Wish): string {
  const { packageName } = place;
  const scope = place.inRepository === undefined ? '' : ` --workspace ${packageName}`;
  return `# ${packageName}

The consumer ${place.name} for [hwbp](https://www.npmjs.com/package/@hwbp/core): \`composeKernel({ arch, plugins: [${functionName}()] })\`,
then \`kernel.get(${className})\`.

## What is left to write

\`npm test${scope}\` is red, case by case; each says what to write next. It is all in \`src/consumer.ts\`: \`start\`, \`stop\` and
\`watch\`. Its options are in \`src/options.ts\`, what it refuses in \`src/errors.ts\`. What a consumer has to keep is told in
\`${SECTION}\` of hwbp. When all is green, delete \`src/unwritten.ts\`.

## How to see that it works

\`\`\`sh
npm test${scope}             # the contract suite
npm run defects${scope}      # five planted defects, and which case finds each
npm run demo${scope}         # a small kernel that it watches
\`\`\`
`;
}
