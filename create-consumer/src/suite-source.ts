import { constantOf, docOf, importOf, sourceText } from '@hwbp/scaffold';
import { StructureKind } from 'ts-morph';
import type { Wish } from './wish.js';

/** `test/contract.ts`: the suite, for the consumer and for its planted defects. */
export function contractSource({ place, className, scope }: Wish): string {
  const of = scope === 'task' ? ', task' : '';
  return sourceText([
    importOf('@hwbp/core', 'architecture', 'type ConsumerClass'),
    importOf('@hwbp/testkit', 'consumerContract', 'fakeBackend', 'type TestFunction'),
    importOf('../src/index.js', className),
    {
      kind: StructureKind.Function,
      name: 'contractOf',
      isExported: true,
      parameters: [
        { name: 'test', type: 'TestFunction' },
        { name: 'consumer', type: `ConsumerClass<${className}>` },
      ],
      returnType: 'void',
      docs: [
        docOf('The suite, for the consumer and for what extends it. Let `use` take everything that yours can take.'),
      ],
      statements: `consumerContract({
  test,
  name: '${place.name}',
  consumer,
  compose: () => ({ arch: architecture(fakeBackend()), cpus: 2 }),
  use(used, _kernel, task, later) {
    used.watch(0x1000n${of});
    later(() => used.watch(0x2000n${of}));
  },
});`,
    },
  ]);
}

/** `test/consumer.test.ts`. */
export function testSource({ className }: Wish): string {
  return sourceText([
    "import test from 'ava';",
    importOf('../src/index.js', className),
    importOf('./contract.js', 'contractOf'),
    `\ncontractOf(test, ${className});`,
  ]);
}

const DEFECTS = (className: string, parameters: string, given: string): string => `[
  {
    name: 'stop gives nothing back',
    subject: class extends ${className} {
      override stop(): void {}
    },
  },
  {
    name: 'every start takes another hook',
    subject: class extends ${className} {
      override start(): void {
        super.start();
        this.machine.hooks.exec.add(() => {});
      }
    },
  },
  {
    name: 'a watch starts it again once it is stopped',
    subject: class extends ${className} {
      override watch(${parameters}) {
        this.start();
        return super.watch(${given});
      }
    },
  },
  {
    name: 'kernels share what is watched',
    subject: class extends ${className} {
      protected override readonly watches = SHARED;
    },
  },
  {
    name: 'a watch leaves a hook behind',
    subject: class extends ${className} {
      override watch(${parameters}) {
        this.machine.hooks.exec.add(() => {});
        return super.watch(${given});
      }
    },
  },
]`;

/** `defects/defects.ts`: five mistakes that the suite has to find. */
export function defectsSource({ className, scope }: Wish): string {
  const parameters = scope === 'task' ? 'address: bigint, task: Task' : 'address: bigint';
  const given = scope === 'task' ? 'address, task' : 'address';
  const breakpoint = scope === 'task' ? 'Breakpoint' : 'WideBreakpoint';
  return sourceText([
    importOf('@hwbp/core', `type ${breakpoint}`, 'type ConsumerClass', ...(scope === 'task' ? ['type Task'] : [])),
    importOf('../src/index.js', className),
    "\nexport { contractOf } from '../test/contract.js';",
    `\nconst SHARED = new Set<${breakpoint}>();`,
    constantOf('SOUND', className, 'Without any defect.', `ConsumerClass<${className}>`),
    constantOf(
      'DEFECTS',
      DEFECTS(className, parameters, given),
      'Each of them has to be found. Add those that you fear.',
      `readonly { readonly name: string; readonly subject: ConsumerClass<${className}> }[]`,
    ),
  ]);
}
