import { constantOf, docOf, importOf, sourceText } from '@hwbp/scaffold';
import {
  type MethodDeclarationStructure,
  type OptionalKind,
  type ParameterDeclarationStructure,
  Scope,
  StructureKind,
} from 'ts-morph';
import type { Chip } from './chip.js';
import { section, unwritten } from './manual.js';

type Method = OptionalKind<MethodDeclarationStructure>;

type Parameters = readonly (readonly [name: string, type: string])[];

const parametersOf = (...parameters: Parameters): OptionalKind<ParameterDeclarationStructure>[] =>
  parameters.map(([name, type]) => ({ name, type }));

function write({ grain }: Chip): Method {
  const widened = grain > 1 ? `, widened to whole blocks of ${grain} bytes` : '';
  const armed = 'this.filter.arm(this.first + register, conditions, hi, lo, length)';
  const next = `write(): keep info in this.registers, and ${armed}${widened}; undefined: this.filter.disarm`;
  return {
    name: 'write',
    docs: [docOf('Programs a register; `undefined` switches it off.')],
    parameters: parametersOf(['register', 'number'], ['info', 'RangeBreakpoint | undefined']),
    returnType: 'void',
    statements: unwritten(next, 2),
  };
}

function fetch({ executes }: Chip): Method {
  const next =
    'fetch(): unless state.resume is set, compare the address with registers that have CONDITION_FETCH; ' +
    'where one matches, set its bit in this.reported and return BEFORE';
  return {
    name: 'fetch',
    docs: [docOf('An instruction is about to execute at this address.')],
    parameters: executes ? parametersOf(['hi', 'number'], ['lo', 'number'], ['state', 'ExecutionState']) : [],
    returnType: executes ? 'DebugException | undefined' : 'undefined',
    statements: executes ? unwritten(next, 2) : '// No register watches instructions.',
  };
}

function access({ watchesData, timing }: Chip): Method {
  const report =
    timing === 'before'
      ? 'set the bits of those that match in this.reported and return BEFORE'
      : 'set the bits of those that match in this.matched, for retire';
  const next =
    'access(): FILTER_READ is a load, CONDITION_READ of a register; FILTER_WRITE a store, CONDITION_WRITE; any other part is a port and matches nothing; ' +
    `compare with rangesOverlap(hi, lo, size, ...); ${report}`;
  return {
    name: 'access',
    docs: [docOf('`size` bytes are about to be loaded or stored.')],
    parameters: watchesData
      ? parametersOf(['part', 'FilterPart'], ['hi', 'number'], ['lo', 'number'], ['size', 'number'])
      : [],
    returnType: watchesData && timing === 'before' ? 'DebugException | undefined' : 'undefined',
    statements: watchesData ? unwritten(next, 2) : '// No register watches data.',
  };
}

/** True for silicon that has anything to say of an instruction once it has completed. */
const reportsAfter = ({ watchesData, timing }: Chip): boolean => watchesData && timing === 'after';

function retire(chip: Chip): Method {
  const parts = [
    ...(reportsAfter(chip) ? ['this.matched, which is 0 afterwards'] : []),
    ...(chip.singleStep ? ['STATUS_STEP if state.singleStep'] : []),
  ];
  const next = `retire(): this.reported is ${parts.join(', with ')}; return AFTER unless it is 0`;
  return {
    name: 'retire',
    docs: [docOf('The instruction has completed.')],
    parameters: chip.singleStep ? parametersOf(['state', 'ExecutionState']) : [],
    returnType: parts.length > 0 ? 'DebugException | undefined' : 'undefined',
    statements: parts.length > 0 ? unwritten(next, 2) : '// Everything was reported before.',
  };
}

function discard(chip: Chip): Method {
  const after = reportsAfter(chip);
  return {
    name: 'discard',
    docs: [docOf('The instruction was abandoned, and matched nothing.')],
    returnType: 'void',
    statements: after ? unwritten('discard(): this.matched is 0 again', 2) : '// Nothing is remembered.',
  };
}

const MOVE: Method = {
  name: 'move',
  docs: [docOf('No instruction reaches these registers. If yours has some: see there.')],
  returnType: 'undefined',
  statements: '// None.',
};

function reset(chip: Chip): Method {
  const matched = reportsAfter(chip) ? ', this.matched and this.reported are 0' : ', this.reported is 0';
  return {
    name: 'reset',
    docs: [docOf('Power-on state.')],
    returnType: 'void',
    statements: unwritten(`reset(): this.write(register, undefined) for every register${matched}`, 2),
  };
}

function imports(chip: Chip, before: boolean, after: boolean) {
  const { watchesData, executes, singleStep } = chip;
  const exceptions = before || after ? ['type DebugException', 'debugException'] : [];
  const state = executes || singleStep ? ['type ExecutionState'] : [];
  const part = watchesData ? ['type FilterPart'] : [];
  const all = ['type DebugUnit', 'type RangeBreakpoint', 'WatchFilter', ...exceptions, ...state, ...part];
  return importOf('@hwbp/core', ...all);
}

/** `src/unit.ts`: the debug registers, whose methods say what they are to do. */
export function unitSource(chip: Chip): string {
  const { name } = chip.place;
  const before = chip.executes || (chip.watchesData && chip.timing === 'before');
  const after = reportsAfter(chip) || chip.singleStep;
  const exception = (timing: string): string => `debugException('${name}', '${timing}')`;
  const step = 'Status bit of a single step; bit n is that of register n.';
  const remembers = reportsAfter(chip);
  return sourceText([
    imports(chip, before, after),
    importOf('./manifest.js', 'REGISTERS'),
    importOf('./unwritten.js', 'unwritten'),
    ...(chip.singleStep ? [constantOf('STATUS_STEP', '1 << 30', step)] : []),
    ...(before
      ? [constantOf('BEFORE', exception('before'), 'Comes before the instruction, which has not executed.')]
      : []),
    ...(after ? [constantOf('AFTER', exception('after'), 'Comes after the instruction.')] : []),
    '',
    {
      kind: StructureKind.Class,
      name: `${chip.className}Unit`,
      isExported: true,
      docs: [docOf(`The debug registers of one CPU, without any kernel: ${section(2)}.`)],
      implements: ['DebugUnit'],
      properties: [
        { name: 'filter', isReadonly: true, initializer: 'new WatchFilter()' },
        {
          name: 'first',
          scope: Scope.Protected,
          isReadonly: true,
          initializer: 'this.filter.allot(REGISTERS)',
          docs: [docOf("The filter's number of register 0: others may stand in the same filter.")],
        },
        {
          name: 'registers',
          scope: Scope.Protected,
          isReadonly: true,
          type: '(RangeBreakpoint | undefined)[]',
          initializer: 'new Array(REGISTERS).fill(undefined)',
          docs: [docOf('What each register is set to.')],
        },
        {
          name: 'reported',
          scope: Scope.Protected,
          initializer: '0',
          docs: [docOf('What the latest exception is about: bit n for register n.')],
        },
        ...(remembers
          ? [
              {
                name: 'matched',
                scope: Scope.Protected,
                initializer: '0',
                docs: [docOf('What the instruction has matched so far, likewise.')],
              },
            ]
          : [{ name: 'pending', isReadonly: true, initializer: 'false' }]),
      ],
      getAccessors: [
        {
          name: 'status',
          returnType: 'number',
          statements: 'return this.reported;',
          docs: [docOf('The register that software reads: what the latest exception is about.')],
        },
        ...(remembers ? [{ name: 'pending', returnType: 'boolean', statements: 'return this.matched !== 0;' }] : []),
      ],
      methods: [write(chip), fetch(chip), access(chip), retire(chip), MOVE, discard(chip), reset(chip)],
    },
  ]);
}
