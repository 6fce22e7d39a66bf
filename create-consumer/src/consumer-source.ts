import { docOf, importOf, sourceText } from '@hwbp/scaffold';
import { type ClassDeclarationStructure, Scope, StructureKind } from 'ts-morph';
import { SECTION, unwritten } from './manual.js';
import type { Wish } from './wish.js';

const TYPES = {
  r: 'HW_BREAKPOINT_R',
  w: 'HW_BREAKPOINT_W',
  rw: 'HW_BREAKPOINT_R | HW_BREAKPOINT_W',
  x: 'HW_BREAKPOINT_X',
} as const;

const WHOM = {
  task: {
    breakpoint: 'Breakpoint',
    register: 'this.breakpoints.registerUser(this.attr(address), handler, task, { owner })',
    unregister: 'this.breakpoints.unregister',
    follows: 'this.machine.hooks.exit.add((task) => ...), which unregisters what watched the task',
    what: 'Watches what one task accesses.',
  },
  kernel: {
    breakpoint: 'WideBreakpoint',
    register: 'this.breakpoints.registerWide(this.attr(address), handler, { owner })',
    unregister: 'this.breakpoints.unregisterWide',
    follows: 'what follows the machine, such as this.machine.hooks.exit.add((task) => ...)',
    what: 'Watches what is accessed on any CPU.',
  },
} as const;

function methods({ scope, access, length, constantName, functionName }: Wish): ClassDeclarationStructure['methods'] {
  const { breakpoint, register, unregister, follows, what } = WHOM[scope];
  const refusals = `throw ${functionName}Error(...) with ${constantName}_STOPPED if this.hooks is undefined, with ${constantName}_FULL if there are this.options.limit`;
  const bytes = access === 'x' ? 'manifest.executeLength ?? manifest.wordSize' : String(length);
  return [
    {
      name: 'start',
      returnType: 'void',
      docs: [docOf('Begins to follow the machine. Nothing happens if it has begun.')],
      statements: unwritten(`start(): unless this.hooks is set, make it new Disposables(), and add ${follows}`),
    },
    {
      name: 'stop',
      returnType: 'void',
      docs: [docOf('Gives everything back, and is as new then.')],
      statements: unwritten(
        `stop(): ${unregister} each of this.watches, dispose this.hooks; all fields are as those of a new object`,
      ),
    },
    {
      name: 'watch',
      parameters: [{ name: 'address', type: 'bigint' }, ...(scope === 'task' ? [{ name: 'task', type: 'Task' }] : [])],
      returnType: breakpoint,
      docs: [docOf(`${what} ENODEV once it is stopped, ENOSPC beyond the limit, and what the core refuses.`)],
      statements: unwritten(
        `watch(): ${refusals}; else ${register}, whose handler counts this.counted, keep it in this.watches and return it`,
      ),
    },
    {
      name: 'attr',
      scope: Scope.Protected,
      parameters: [{ name: 'bp_addr', type: 'bigint' }],
      returnType: 'HwBreakpointAttr',
      docs: [docOf('What is asked of the core.')],
      statements: `${access === 'x' ? 'const { manifest } = this.breakpoints;\n' : ''}return { bp_type: ${TYPES[access]}, bp_addr, bp_len: ${bytes} };`,
    },
  ];
}

/** `src/consumer.ts`: the class, whose methods say what they are to do. */
export function consumerSource(wish: Wish): string {
  const { place, className, constantName, scope, access } = wish;
  const { breakpoint } = WHOM[scope];
  const core = ['BREAKPOINTS', 'type Breakpoints', 'type Consumer', 'type Disposables', 'type HwBreakpointAttr'];
  const used = ['MACHINE', 'type Machine', 'type PluginManifest', `type ${breakpoint}`, ...TYPES[access].split(' | ')];
  const fields = [
    ['machine', 'Machine'],
    ['breakpoints', 'Breakpoints'],
    ['options', `${className}Options`],
  ] as const;
  return sourceText([
    importOf('@hwbp/core', ...core, ...used, ...(scope === 'task' ? ['type Task'] : [])),
    importOf('./options.js', 'DEFAULT_OPTIONS', `${constantName}_OPTIONS`, `type ${className}Options`),
    importOf('./unwritten.js', 'unwritten'),
    {
      kind: StructureKind.Class,
      name: className,
      isExported: true,
      docs: [docOf(`Counts hits: \`kernel.get(${className}).watch(...)\`. What a consumer has to keep: ${SECTION}.`)],
      implements: ['Consumer'],
      properties: [
        {
          name: 'plugin',
          isStatic: true,
          isReadonly: true,
          type: 'PluginManifest',
          initializer: `{ name: '${place.name}', wants: [${constantName}_OPTIONS] }`,
        },
        {
          name: 'inject',
          isStatic: true,
          isReadonly: true,
          initializer: `[MACHINE, BREAKPOINTS, ${constantName}_OPTIONS]`,
        },
        ...fields.map(([name, type]) => ({ name, scope: Scope.Protected, isReadonly: true, type })),
        {
          name: 'watches',
          scope: Scope.Protected,
          isReadonly: true,
          initializer: `new Set<${breakpoint}>()`,
          docs: [docOf('Everything that is registered.')],
        },
        {
          name: 'hooks',
          scope: Scope.Protected,
          type: 'Disposables | undefined',
          docs: [docOf('What follows the machine; `undefined` while it is stopped.')],
        },
        { name: 'counted', scope: Scope.Protected, initializer: '0' },
      ],
      ctors: [
        {
          docs: [docOf('Compose a kernel with the class; do not call this.')],
          parameters: [
            { name: 'machine', type: 'Machine' },
            { name: 'breakpoints', type: 'Breakpoints' },
            { name: 'options', type: `${className}Options | undefined` },
          ],
          statements: `this.machine = machine;
this.breakpoints = breakpoints;
this.options = options ?? DEFAULT_OPTIONS;`,
        },
      ],
      getAccessors: [
        { name: 'hits', returnType: 'number', statements: 'return this.counted;', docs: [docOf('How often it hit.')] },
        {
          name: 'watching',
          returnType: 'number',
          statements: 'return this.watches.size;',
          docs: [docOf('How many watches there are.')],
        },
      ],
      methods: methods(wish) ?? [],
    },
  ]);
}
