import { docOf, importOf, sourceText } from '@hwbp/scaffold';
import { StructureKind } from 'ts-morph';
import type { Chip } from './chip.js';

/** `src/architecture.ts`: the plugin, with its facets. */
export function architectureSource({ place, functionName }: Chip): string {
  return sourceText([
    importOf('@hwbp/core', 'type Architecture', 'architecture', 'offer', 'TARGET_DESCRIPTION', 'TRAP_INSTRUCTION'),
    importOf('./backend.js', `${functionName}Backend`),
    importOf('./target.js', 'TRAP', 'targetDescription'),
    {
      kind: StructureKind.Function,
      name: functionName,
      isExported: true,
      returnType: 'Architecture',
      docs: [docOf(`The architecture ${place.name}: \`composeKernel({ arch: ${functionName}() })\`.`)],
      statements: `return architecture(${functionName}Backend(), {
  facets: [offer(TARGET_DESCRIPTION, targetDescription), offer(TRAP_INSTRUCTION, () => TRAP)],
});`,
    },
  ]);
}

/** `src/index.ts`: what the package exports. */
export function indexSource({ functionName }: Chip): string {
  return sourceText(`export { ${functionName} } from './architecture.js';
export { ${functionName}Backend } from './backend.js';`);
}

/** `test/backend.test.ts`: the suites. */
export function testSource({ place, functionName }: Chip): string {
  return sourceText([
    importOf('@hwbp/testkit', 'backendContract', 'facetContract'),
    "import test from 'ava';",
    importOf('../src/index.js', functionName, `${functionName}Backend`),
    `
backendContract({ test, name: '${place.name}', createBackend: ${functionName}Backend });
facetContract({ test, name: '${place.name}', createArchitecture: ${functionName} });`,
  ]);
}
