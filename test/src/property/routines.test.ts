import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  architecture,
  assemble,
  composeKernel,
  HW_BREAKPOINT_X,
  hex,
  type Kernel,
  KernelError,
  NOTIFY_STOP,
  type ProgramFactory,
  program,
  type Task,
} from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import fc from 'fast-check';
import { Random } from '../random.js';
import { check } from './support/check.js';
import { DATA, describedBy, PAGES, randomRoutine, registerNames, TEXT, textOf } from './support/routine.js';

/** What is done to a world between two runs, by number. */
type Deed = { readonly what: number; readonly where: number };
interface Case {
  readonly seed: number;
  readonly deeds: readonly Deed[];
  readonly slices: readonly number[];
}

const HANDLER = 0x60_0000n;

/** A kernel with one task, and what was seen of it. */
class World {
  readonly kernel: Kernel;
  readonly log: string[] = [];
  readonly task: Task;
  readonly #pageSize: number;
  #written = 0n;

  constructor(arch: Architecture, make: (task: () => Task, kernel: Kernel) => ProgramFactory) {
    this.kernel = composeKernel({ arch, strict: true, quantum: 7, tick: 13_000 });
    const { machine } = this.kernel;
    this.#pageSize = machine.physical.pageSize;
    machine.hardware.bus.attach(0x3f8, 8, {
      read: () => this.#written,
      write: (_port, _size, value) => {
        this.#written += value + 1n;
      },
    });
    machine.dieChain.register(({ event, cpu, task }) => {
      this.log.push(
        `${event} at ${hex(cpu.pc)}, goes on at ${task === undefined ? '' : hex(task.context.pc)} ${this.#registers()}`,
      );
      if (event === 'breakpoint' && task !== undefined) machine.planted.passOver(task.context);
      return NOTIFY_STOP;
    }, -1);
    this.task = machine.spawn(
      make(() => this.task, this.kernel),
      { comm: 'routine', demandZero: false },
    );
    const { memory } = this.task;
    if (!memory.isMapped(DATA)) memory.map(DATA, PAGES * this.#pageSize);
    const behind = DATA + BigInt(PAGES * this.#pageSize);
    memory.map(behind, 1, { permissions: { read: true, write: false } });
    // A program that shares the CPU, so that the registers of the one come and go.
    machine.spawn(program([...Array(40).keys()].map((i) => ({ pc: HANDLER + BigInt(4 * i), length: 4 }))), {
      comm: 'other',
    });
  }

  #registers(): string {
    const { context } = this.task;
    return registerNames(this.kernel.breakpoints.manifest.roles)
      .map((name) => context.get(name).toString(16))
      .join(' ');
  }

  /** What is armed, or changed, while it does not run. */
  do({ what, where }: Deed): void {
    const { kernel, task } = this;
    const { machine, breakpoints } = kernel;
    const { access, dataLengths } = breakpoints.manifest;
    const text = TEXT + BigInt(4 * (where % 24));
    if (!task.alive) return;
    switch (what % 9) {
      case 0:
      case 1:
      case 2: {
        const kinds = access.filter((kind) => kind !== 'x');
        const kind = kinds[where % Math.max(1, kinds.length)];
        const bp_len = dataLengths.at(where % Math.max(1, dataLengths.length)) ?? 8;
        if (kind === undefined) return;
        const bp_type = { r: 1, w: 2, rw: 3 }[kind as 'r'];
        this.#watch(bp_type, DATA + BigInt(Math.floor((8 * (where % 7)) / bp_len) * bp_len), bp_len);
        break;
      }
      case 3:
        if (access.includes('x')) this.#watch(HW_BREAKPOINT_X, text, breakpoints.manifest.executeLength ?? 8);
        break;
      case 4:
        machine.planted.plant(text);
        break;
      case 5:
        if (breakpoints.manifest.singleStep) task.context.singleStep = !task.context.singleStep;
        break;
      case 6:
        machine.fork(task, program([{ pc: HANDLER, length: 4 }]));
        break;
      case 7:
        // Other pages than those that were used so far, and what was there is gone.
        task.memory.map(DATA, 1, { permissions: { read: where % 5 !== 0, write: where % 3 !== 0 } });
        break;
      default:
        this.#afterShadow();
    }
  }

  #watch(bp_type: number, bp_addr: bigint, bp_len: number): void {
    const { breakpoints } = this.kernel;
    try {
      breakpoints.registerUser(
        { bp_type, bp_addr, bp_len },
        ({ cpu, ip }) => {
          this.log.push(
            `hit ${hex(bp_addr)} ${bp_type} at ${hex(ip)} ${cpu.clock.now} ${cpu.instructions} ${this.#registers()} ${this.#bytes(64)}`,
          );
        },
        this.task,
      );
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.log.push(error.code);
    }
  }

  /** The routine goes on in the debug shadow of an instruction in front of it. */
  #afterShadow(): void {
    const before = program([{ pc: HANDLER, length: 4, shadow: true }]);
    const end = (_cpu: unknown, { context }: Task, interrupted: Parameters<Task['context']['restore']>[0]): void => {
      const { singleStep } = context;
      context.restore({ ...interrupted, singleStep });
    };
    this.kernel.machine.push(this.task, before, { name: 'shadow', end }, 'user');
  }

  #bytes(size: number): string {
    return Buffer.from(this.task.memory.peek(DATA, size)).toString('hex');
  }

  /** Runs until so many instructions have retired, in slices of these sizes. */
  runTo(count: number, slices: readonly number[]): void {
    const { machine } = this.kernel;
    for (let turn = 0; machine.count < count && turn < 50_000; turn++) {
      const most = Math.min(slices[turn % slices.length] as number, count - machine.count);
      if (machine.run(most).reason === 'idle') return;
    }
  }

  get state(): unknown {
    const { machine } = this.kernel;
    const { task } = this;
    const { context } = task;
    const begun = task.instructions > 0;
    return {
      count: machine.count,
      log: this.log,
      alive: task.alive,
      exit: task.exit,
      instructions: task.instructions,
      cpu: machine.cpus.map(({ clock, instructions, userInstructions }) => [clock.now, instructions, userInstructions]),
      ...(begun
        ? { pc: context.pc, registers: this.#registers(), step: context.singleStep, resume: context.resume }
        : {}),
      at: machine.cpus.map(({ pc }) => pc),
      shared: Array.from({ length: PAGES }, (_, page) => task.memory.isShared(DATA + BigInt(page * this.#pageSize))),
      bytes: this.#bytes(PAGES * this.#pageSize),
      written: this.#written,
    };
  }
}

const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  x86,
  'ppc64, reports before the access': () => ppc64({ cpu: 'power10' }),
  arm64,
  riscv64,
  'fake, reports before the access': () => architecture(fakeBackend({ slots: 3, timing: 'before' })),
  'fake, the highest byte first': () => architecture(fakeBackend({ slots: 2, manifest: { byteOrder: 'big' } })),
};

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  deeds: fc.array(fc.record({ what: fc.nat(8), where: fc.nat(1000) }), { minLength: 1, maxLength: 6 }),
  slices: fc.array(fc.constantFrom(1, 2, 3, 5, 8, 100, 1000), { minLength: 1, maxLength: 4 }),
});

for (const [title, arch] of Object.entries(ARCHITECTURES)) {
  test(`${title}: a routine does what the same plain descriptions do, however it is watched and sliced`, (t) => {
    const property = fc.property(cases, ({ seed, deeds, slices }) => {
      const pageSize = arch().backend.manifest.pageSize;
      const steps = randomRoutine(new Random(seed), pageSize);
      const top = DATA + BigInt(PAGES * pageSize);
      const assembly = assemble(`${textOf(steps)}\n.bss_is: .bss ${PAGES * pageSize}`.replace('.bss_is', 'data'), {
        data: DATA,
      });
      const compiled = new World(arch(), () => assembly.program('l0', { stack: top }));
      const plain = new World(arch(), (task, kernel) => () => {
        const { roles } = kernel.breakpoints.manifest;
        const source = describedBy(steps, task, roles);
        return program(function* () {
          const { context } = task();
          context.set(roles.stack, top - 8n);
          yield* source;
        })();
      });
      const all = [...deeds, undefined];
      for (const [index, deed] of all.entries()) {
        const goal = 60 * (index + 1);
        compiled.runTo(goal, slices);
        plain.runTo(goal, [1000]);
        expectSame(compiled.state, plain.state, textOf(steps));
        if (deed !== undefined) for (const world of [compiled, plain]) world.do(deed);
      }
      for (const { kernel } of [compiled, plain]) kernel.dispose();
    });
    check(t, property, 300);
  });
}

function expectSame(a: unknown, b: unknown, text: string): void {
  const [x, y] = [a, b].map((state) =>
    JSON.stringify(state, (_, value) => (typeof value === 'bigint' ? hex(value) : value), 1),
  ) as [string, string];
  if (x === y) return;
  const [lines, others] = [x.split('\n'), y.split('\n')];
  const at = lines.findIndex((line, index) => line !== others[index]);
  throw new Error(
    `compiled:\n${lines.slice(at, at + 4).join('\n')}\nplain:\n${others.slice(at, at + 4).join('\n')}\n${text}`,
  );
}
