import { x86 } from '@hwbp/arch-x86';
import {
  BREAKPOINTS,
  type Breakpoints,
  CompositionError,
  type Consumer,
  composeKernel,
  EVENTS,
  type Events,
  HARDWARE_DEBUG_REQUESTS,
  inject,
  injectable,
  type Kernel,
  LOGGER,
  MACHINE,
  type Machine,
  plugin,
  provide,
  provideClass,
  provideValue,
  SLOT_POLICY,
  type SlotPolicy,
  SYMBOLS,
  type SymbolTable,
  Token,
  USER_DEBUG_REGISTERS,
  type UserDebugRegisters,
} from '@hwbp/core';
import test, { type ExecutionContext } from 'ava';

abstract class Idle implements Consumer {
  start(): void {}
  stop(): void {}
}

/** A class without decorators: the container knows it by its list. */
class Listed extends Idle {
  static readonly plugin = { name: 'listed' };
  static readonly inject = [MACHINE, SYMBOLS];
  readonly machine: Machine;
  readonly symbols: SymbolTable;

  constructor(machine: Machine, symbols: SymbolTable) {
    super();
    this.machine = machine;
    this.symbols = symbols;
  }
}

@injectable()
class Decorated extends Idle {
  static readonly plugin = { name: 'decorated' };
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    super();
    this.machine = machine;
    this.breakpoints = breakpoints;
  }
}

/** It has the constructor of the class that it extends. */
class Heir extends Decorated {
  static override readonly plugin = { name: 'heir' };
}

class GrandHeir extends Heir {
  static override readonly plugin = { name: 'grandheir' };
}

class ListHeir extends Listed {
  static override readonly plugin = { name: 'list heir' };
}

test('a class with static inject, and one with decorators, get what they ask for', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [Listed, Decorated] });
  const { machine, symbols, breakpoints } = kernel;
  t.is(kernel.get(Listed).machine, machine);
  t.is(kernel.get(Listed).symbols, symbols);
  t.is(kernel.get(Decorated).machine, machine);
  t.is(kernel.get(Decorated).breakpoints, breakpoints);
});

test('a class that has no constructor of its own gets what the class that it extends asks for', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [Heir, GrandHeir, ListHeir] });
  for (const made of [kernel.get(Heir), kernel.get(GrandHeir)]) {
    t.is(made.machine, kernel.machine);
    t.is(made.breakpoints, kernel.breakpoints);
  }
  t.is(kernel.get(ListHeir).symbols, kernel.symbols);
});

test('one class serves any number of kernels, each with an object of its own', (t) => {
  const kernels = [0, 1].map(() => composeKernel({ arch: x86(), plugins: [Listed, Decorated] }));
  const [one, two] = kernels as [Kernel, Kernel];
  t.not(one.get(Listed), two.get(Listed));
  t.is(two.get(Decorated).machine, two.machine);
});

function mistake(t: ExecutionContext, consumer: unknown, message: string | RegExp): void {
  const plugins = [consumer as typeof Decorated];
  t.throws(() => composeKernel({ arch: x86(), plugins }), { instanceOf: TypeError, message });
}

test('a class that has neither decorators nor a list: a TypeError says what to write', (t) => {
  class Bare extends Idle {
    static readonly plugin = { name: 'bare' };
    readonly machine: Machine;

    constructor(machine: Machine) {
      super();
      this.machine = machine;
    }
  }
  mistake(
    t,
    Bare,
    'the constructor of Bare takes 1 parameters that nobody knows: write @injectable() above it and @inject(TOKEN) before each parameter, or static readonly inject = [TOKEN, ...] in it',
  );
  t.throws(() => provideClass(new Token<Bare>('Bare', 'compose it'), Bare), { instanceOf: TypeError });
});

test('a class with @inject and without @injectable: a TypeError says what is missing', (t) => {
  class Half extends Idle {
    static readonly plugin = { name: 'half' };
    readonly machine: Machine;

    constructor(@inject(MACHINE) machine: Machine) {
      super();
      this.machine = machine;
    }
  }
  mistake(t, Half, /the constructor of Half takes 1 parameters .*: write @injectable\(\) above class Half$/);
});

test('a parameter that was forgotten, in the decorators or in the list: a TypeError says which', (t) => {
  @injectable()
  class Forgetful extends Idle {
    static readonly plugin = { name: 'forgetful' };
    readonly got: unknown;

    constructor(first: unknown, @inject(MACHINE) second: Machine) {
      super();
      this.got = [first, second];
    }
  }
  class Short extends Idle {
    static readonly plugin = { name: 'short' };
    static readonly inject = [MACHINE];
    readonly got: unknown;

    constructor(first: Machine, second: unknown) {
      super();
      this.got = [first, second];
    }
  }
  @injectable()
  class None extends Idle {
    static readonly plugin = { name: 'none' };
    readonly got: unknown;

    constructor(first: unknown) {
      super();
      this.got = first;
    }
  }
  const write = 'write @inject(TOKEN) before it, or list a token for each in static readonly inject';
  mistake(t, Forgetful, `nobody knows what parameter 1 of the constructor of Forgetful is: ${write}`);
  mistake(t, Short, `nobody knows what parameter 2 of the constructor of Short is: ${write}`);
  mistake(t, None, `nobody knows what parameter 1 of the constructor of None is: ${write}`);
});

test('something that is no token: a TypeError that says where it may come from', (t) => {
  const message = 'inject takes a token, such as MACHINE; if it is undefined here, two modules import each other';
  t.throws(() => inject(undefined as unknown as typeof MACHINE), { instanceOf: TypeError, message });
  class Circular extends Idle {
    static readonly plugin = { name: 'circular' };
    static readonly inject = [undefined];
    readonly got: unknown;

    constructor(got: unknown) {
      super();
      this.got = got;
    }
  }
  mistake(t, Circular, message);
});

// --- what is missing, what is there twice, and circles ---

test('what nobody provides: the error names who needs it, what, and what to compose', (t) => {
  class Counter extends Idle {
    static readonly plugin = { name: 'counter', needs: [EVENTS] };
  }
  const refused = (plugins: Parameters<typeof composeKernel>[0]['plugins'], code: string, message: string) =>
    t.throws(() => composeKernel({ arch: x86(), plugins: plugins ?? [] }), {
      instanceOf: CompositionError,
      code,
      message,
    });
  const events = "needs 'Events', which nobody provides; compose the kernel with perfEvents()";
  refused([Counter], 'COMPOSE_MISSING_PART', `the plugin 'counter' ${events}`);
  const part = plugin(
    'part',
    provide(new Token<number>('N', 'n'), [EVENTS], (events: Events) => events.pmus.length),
  );
  refused([part], 'COMPOSE_MISSING_PART', `the plugin 'part' ${events}`);
  class Debugger extends Idle {
    static readonly plugin = { name: 'debugger' };
    static readonly inject = [HARDWARE_DEBUG_REQUESTS];
    readonly requests: unknown;

    constructor(requests: unknown) {
      super();
      this.requests = requests;
    }
  }
  const facet =
    "needs the facet 'hardware debug requests', which the architecture 'x86' does not offer; to offer it, implement ";
  refused([Debugger], 'COMPOSE_MISSING_FACET', `the plugin 'debugger' ${facet}${HARDWARE_DEBUG_REQUESTS.implement}`);
});

test('a circle names every part in it, who provides it, and the way out; parts of core in between are named too', (t) => {
  const circle = (given: ReturnType<typeof plugin>[], message: string) =>
    t.throws(() => composeKernel({ arch: x86(), plugins: given }), { code: 'COMPOSE_CIRCULAR', message });
  const out = 'let one of them be made without the other';
  const [A, B] = [new Token<string>('A', 'a'), new Token<string>('B', 'b')];
  circle(
    [plugin('one', provide(A, [B], String)), plugin('two', provide(B, [A], String))],
    `'A' (of 'one') needs 'B' (of 'two') needs 'A' (of 'one'): ${out}`,
  );
  circle([plugin('self', provide(A, [A], String))], `'A' (of 'self') needs 'A' (of 'self'): ${out}`);
  const talkative = provide(LOGGER, [MACHINE], ({ logger }: Machine) => logger);
  circle([plugin('loud', talkative)], `'Logger' (of 'loud') needs 'Machine' needs 'Logger' (of 'loud'): ${out}`);
  const policy = provide(SLOT_POLICY, [USER_DEBUG_REGISTERS], (registers: UserDebugRegisters): SlotPolicy => {
    throw new Error(`never made, with ${registers.count} registers`);
  });
  circle(
    [plugin('policy', policy)],
    `'SlotPolicy' (of 'policy') needs 'user-visible debug registers' (of 'x86') needs 'FacetServices' needs 'Breakpoints' needs 'Registers' needs 'SlotAccounting' needs 'SlotPolicy' (of 'policy'): ${out}`,
  );
  t.notThrows(() =>
    composeKernel({ arch: x86(), plugins: [plugin('line', provide(A, [B], String), provideValue(B, 'b'))] }),
  );
});

test('two providers of one token are refused by name, also where one of them is an option or the architecture', (t) => {
  const twice = (options: object, message: string) =>
    t.throws(() => composeKernel({ arch: x86(), ...options }), { code: 'COMPOSE_PROVIDED_TWICE', message });
  const policy = (name: string) =>
    plugin(
      name,
      provide(SLOT_POLICY, [], () => {
        throw new Error('never made');
      }),
    );
  const both = "both provide 'SlotPolicy'; compose one of them";
  twice({ plugins: [policy('mine'), policy('yours')] }, `'mine' and 'yours' ${both}`);
  twice({ slotPolicy: policy('mine'), plugins: [policy('yours')] }, `'mine' and 'yours' ${both}`);
  const registers = provideValue(USER_DEBUG_REGISTERS, { count: 0, read: () => 0n, write() {}, tracerGone() {} });
  twice(
    { plugins: [plugin('fake', registers)] },
    "'x86' and 'fake' both provide 'user-visible debug registers'; compose one of them",
  );
});
