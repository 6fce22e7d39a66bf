import { docOf, importOf, sourceText } from '@hwbp/scaffold';
import { Scope, StructureKind } from 'ts-morph';
import type { Chip } from './chip.js';
import { section, unwritten } from './manual.js';

/** `src/backend.ts`: driver, port and parse. */
export function backendSource(chip: Chip): string {
  const { className, functionName, singleStep, timing } = chip;
  const [unit, driver, port] = [`${className}Unit`, `${className}Driver`, `${className}Port`];
  const base = timing === 'before' ? 'BeforePort' : 'AfterPort';
  const next = 'status(): return what this.driver(cpu).unit.status says, and acknowledge it if your chip keeps it';
  return sourceText([
    importOf(
      '@hwbp/core',
      ...[base, 'type ArchBackend', 'type Cpu', 'parseRange', 'type RangeBreakpoint', 'RegisterDriver'],
    ),
    importOf('./manifest.js', 'MANIFEST', 'REGISTERS'),
    importOf('./unit.js', unit, ...(singleStep ? ['STATUS_STEP'] : [])),
    importOf('./unwritten.js', 'unwritten'),
    {
      kind: StructureKind.TypeAlias,
      leadingTrivia: '\n',
      name: driver,
      isExported: true,
      type: `RegisterDriver<${unit}, RangeBreakpoint>`,
      docs: [docOf(`Who is in each register of a CPU: ${section(3)}.`)],
    },
    {
      kind: StructureKind.Class,
      name: port,
      extends: `${base}<${driver}>`,
      docs: [docOf(`The entry code of debug exceptions in one kernel: ${section(5)}.`)],
      properties: [
        {
          name: 'step',
          scope: Scope.Protected,
          isReadonly: true,
          initializer: singleStep ? 'STATUS_STEP' : '0',
        },
      ],
      methods: [
        {
          name: 'status',
          scope: Scope.Protected,
          parameters: [{ name: 'cpu', type: 'Cpu' }],
          returnType: 'number',
          statements: unwritten(next, 5),
        },
      ],
    },
    {
      kind: StructureKind.Function,
      name: `${functionName}Backend`,
      isExported: true,
      returnType: 'ArchBackend<RangeBreakpoint>',
      docs: [docOf('The required contract alone.')],
      statements: `return {
  manifest: MANIFEST,
  createUnit: () => new ${unit}(),
  createDriver: (holder) =>
    new RegisterDriver(holder, {
      registers: REGISTERS,
      drives: (unit) => unit instanceof ${unit},
      write: (unit, register, info) => unit.write(register, info),
    }),
  parse: (attr) => parseRange(attr, MANIFEST),
  connect: (host) => new ${port}(host),
};`,
    },
  ]);
}
