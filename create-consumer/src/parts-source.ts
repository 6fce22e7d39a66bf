import { constantOf, docOf, importOf, sourceText } from '@hwbp/scaffold';
import { StructureKind } from 'ts-morph';
import type { Wish } from './wish.js';

/** `src/errors.ts`: every way in which the consumer refuses. */
export function errorsSource({ className, constantName, functionName }: Wish): string {
  return sourceText([
    importOf('@hwbp/core', 'type Errno', 'KernelError'),
    constantOf(
      `${constantName}_ERRORS`,
      `Object.freeze({
  /** It is stopped: nothing can be watched. */
  ${constantName}_STOPPED: 'ENODEV',
  /** There are as many watches as the options allow. */
  ${constantName}_FULL: 'ENOSPC',
} as const satisfies Record<string, Errno>)`,
      'Every way in which this package refuses, with its errno.',
    ),
    {
      kind: StructureKind.TypeAlias,
      name: `${className}ErrorCode`,
      isExported: true,
      type: `keyof typeof ${constantName}_ERRORS`,
      leadingTrivia: '\n',
      docs: [docOf('A code of an error that this package reports.')],
    },
    {
      kind: StructureKind.Function,
      name: `${functionName}Error`,
      isExported: true,
      parameters: [
        { name: 'code', type: `${className}ErrorCode` },
        { name: 'message', type: 'string' },
      ],
      returnType: 'KernelError',
      docs: [docOf("A `KernelError` from this package's catalogue.")],
      statements: `return new KernelError(code, ${constantName}_ERRORS[code], message);`,
    },
  ]);
}

/** `src/options.ts`: what a composition may say, and the token under which the consumer gets it. */
export function optionsSource({ place, className, constantName, functionName }: Wish): string {
  return sourceText([
    importOf('@hwbp/core', 'checkOptions', 'kind', 'Token'),
    {
      kind: StructureKind.Interface,
      name: `${className}Options`,
      isExported: true,
      leadingTrivia: '\n',
      docs: [docOf('What a composition may say. Everything has a default.')],
      properties: [
        {
          name: 'limit',
          isReadonly: true,
          type: 'number',
          docs: [docOf('Watches that there may be at a time, from 1. Default 4.')],
        },
      ],
    },
    constantOf(
      'DEFAULT_OPTIONS',
      'Object.freeze({ limit: 4 })',
      'The options of who says nothing.',
      `${className}Options`,
    ),
    `
const LIMIT = kind('a whole number from 1', (value) => Number.isInteger(value) && Number(value) >= 1);`,
    {
      kind: StructureKind.Function,
      name: 'resolveOptions',
      isExported: true,
      parameters: [{ name: 'options', type: `Partial<${className}Options>` }],
      returnType: `${className}Options`,
      docs: [
        docOf('The options with their defaults. Throws a TypeError for one that there is not, or of a wrong type.'),
      ],
      statements: `checkOptions('${functionName}', options, { limit: LIMIT });
return Object.freeze({ ...DEFAULT_OPTIONS, ...options });`,
    },
    constantOf(
      `${constantName}_OPTIONS`,
      `new Token<${className}Options>(
  '${className}Options',
  'compose the kernel with ${functionName}({ ... })',
)`,
      `The options of a composition: \`${functionName}({ limit: 2 })\` of ${place.packageName} provides them.`,
    ),
  ]);
}

/** `src/plugin.ts`: the consumer with options of a composition's. */
export function pluginSource({ className, constantName, functionName }: Wish): string {
  return sourceText([
    importOf('@hwbp/core', 'consumerPlugin', 'type Plugin', 'provideValue'),
    importOf('./consumer.js', className),
    importOf('./options.js', `${constantName}_OPTIONS`, `type ${className}Options`, 'resolveOptions'),
    {
      kind: StructureKind.Function,
      name: functionName,
      isExported: true,
      parameters: [{ name: 'options', type: `Partial<${className}Options>`, initializer: '{}' }],
      returnType: 'Plugin',
      docs: [docOf(`With options: \`composeKernel({ plugins: [${functionName}({ limit: 2 })] })\`.`)],
      statements: `const all = resolveOptions(options);
return consumerPlugin(${className}, { ...all }, [provideValue(${constantName}_OPTIONS, all)]);`,
    },
  ]);
}

/** `src/index.ts`: what the package exports. */
export function indexSource({ className, constantName, functionName }: Wish): string {
  return sourceText(`export { ${className} } from './consumer.js';
export { ${constantName}_ERRORS, type ${className}ErrorCode } from './errors.js';
export { ${constantName}_OPTIONS, type ${className}Options } from './options.js';
export { ${functionName} } from './plugin.js';`);
}
