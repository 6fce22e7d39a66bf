/** `src/unwritten.ts` of a made package. */
export const UNWRITTEN = `/** What is still to be written: says what, and where it is explained. Delete this file with its last use. */
export function unwritten(what: string, where: string): never {
  throw new Error(\`write next: \${what} (\${where})\`);
}
`;

/** `defects/run.ts` of a made package: the same for whatever its defects are planted in. */
export const DEFECT_RUNNER = `// Runs the suite on what is sound, then on each planted defect, and says which case finds it.
import { type Collected, collectCases } from '@hwbp/testkit';
import { contractOf, DEFECTS, SOUND } from './defects.js';

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\\n', 1)[0] ?? '';

function firstFailure({ results }: Collected): string | undefined {
  const first = results.find(({ error }) => error !== undefined);
  return first === undefined ? undefined : \`\${first.id}: \${told(first.error)}\`;
}

const sound = collectCases((test) => contractOf(test, SOUND));
if (sound.failed.length > 0) {
  console.log(\`\${sound.failed.length} of \${sound.results.length} cases are red without any defect: npm test first\`);
  console.log(\`  \${firstFailure(sound)}\`);
  process.exitCode = 1;
} else {
  for (const { name, subject } of DEFECTS) {
    const { failed } = collectCases((test) => contractOf(test, subject));
    console.log(failed.length === 0 ? \`NOT FOUND  \${name}\` : \`found      \${name}\`);
    if (failed.length === 0) process.exitCode = 1;
    else console.log(\`           by \${failed[0]}\${failed.length > 1 ? \`, and \${failed.length - 1} more\` : ''}\`);
  }
}
`;
