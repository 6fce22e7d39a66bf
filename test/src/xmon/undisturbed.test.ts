import { fc, testProp } from '@fast-check/ava';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, type Instruction, type Kernel, type Loaded, program } from '@hwbp/core';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { load, store, Typist } from './support.js';

const ARCHES = { x86: x86(), power8: ppc64({ cpu: 'power8' }) } as const;
const TEXTS = { x86: 0xffff_ffff_8100_0000n, power8: 0xc000_0000_0010_0000n } as const;
const DATAS = { x86: 0xffff_8880_0000_0000n, power8: 0xc000_0000_0000_0000n } as const;
type Name = keyof typeof ARCHES;

/** Three tasks on two CPUs that add to one variable without a lock; what each of them loads, in its order. */
function race(name: Name): { readonly kernel: Kernel; readonly seen: string[] } {
  const kernel = composeKernel({ arch: ARCHES[name], cpus: 2, strict: true, quantum: 5, tick: 7000, plugins: [Xmon] });
  kernel.machine.physical.allocate();
  const seen: string[] = [];
  const data = DATAS[name];
  for (let n = 0; n < 3; n++) {
    const text = TEXTS[name] + 0x1000n * BigInt(n);
    function* adder(): Generator<Instruction, void, Loaded> {
      for (;;) {
        const [value = 0n] = yield { pc: text, length: 4, accesses: [load(data)] };
        seen.push(`${n} ${value}`);
        yield { pc: text + 4n, length: 4, accesses: [store(data, value + 1n)] };
        yield { pc: text + 8n, length: 4, next: text };
      }
    }
    kernel.machine.spawn(program(adder), { comm: `adder${n}`, mode: 'kernel', affinity: [n % 2] });
  }
  return { kernel, seen };
}

/** Lets it run until so many instructions have retired, and nothing of the next one is begun. */
function runTo({ machine }: Kernel, count: number): void {
  while (machine.count < count) machine.run(1);
}

/** What the race shows without xmon after so many instructions. */
function undisturbed(name: Name, count: number): string[] {
  const { kernel, seen } = race(name);
  runTo(kernel, count);
  return seen;
}

const LOOKING = ['b', 'e', 'r', 't', 'c', 'c1', 'd %pc', '', '?', 'la %pc', 'ls nobody', 'zap', 'bc', 'bd 10', 'b 10'];

for (const name of ['x86', 'power8'] as const) {
  test(`entering, looking and leaving changes nothing of a run: ${name}`, (t) => {
    const { kernel, seen } = race(name);
    const { session } = new Typist(kernel);
    for (let i = 0; i < 40; i++) {
      session.enter();
      for (const line of LOOKING) session.line(line);
      session.line('m8 zap');
      session.line('x');
      session.run(i);
    }
    session.close();
    runTo(kernel, kernel.machine.count + 100);
    t.is(kernel.machine.departure, undefined);
    t.deepEqual(seen, undisturbed(name, kernel.machine.count));
  });

  test(`nor do breakpoints that stop it, in hardware and in software, passed by x: ${name}`, (t) => {
    const { kernel, seen } = race(name);
    const user = new Typist(kernel);
    user.enter();
    user.type(`b ${(TEXTS[name] + 4n).toString(16)}`, `bi ${(TEXTS[name] + 0x1000n).toString(16)}`);
    const stops = new Set<string>();
    for (let i = 0; i < 60; i++) stops.add(user.type('x').split('\n')[0] ?? '');
    t.true(stops.size >= 2);
    user.session.close();
    runTo(kernel, kernel.machine.count + 1);
    t.is(kernel.machine.departure, undefined);
    t.deepEqual(seen, undisturbed(name, kernel.machine.count));
  });
}

test('a step of a CPU whose turn it is not is a departure', (t) => {
  const { kernel } = race('power8');
  const user = new Typist(kernel);
  user.enter();
  user.type('s', 's');
  t.is(kernel.machine.departure, undefined);
  user.type('c1', 's');
  t.deepEqual(kernel.machine.departure, { count: 2, cause: 'not everybody was let execute who was next' });
});

testProp(
  'wherever it is entered and however often, and with breakpoints of others, the run is what it is',
  [fc.constantFrom<Name>('x86', 'power8'), fc.array(fc.nat(60), { maxLength: 20 })],
  (t, name, pauses) => {
    const watched = (): { kernel: Kernel; seen: string[] } => {
      const { kernel, seen } = race(name);
      const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: DATAS[name], bp_len: 8 };
      kernel.breakpoints.registerWide(attr, (hit) => seen.push(`hit ${hit.cpu.index} ${hit.count}`));
      return { kernel, seen };
    };
    const { kernel, seen } = watched();
    const { session } = new Typist(kernel);
    for (const pause of pauses) {
      session.enter();
      session.line('x');
      session.run(pause);
    }
    const other = watched();
    const count = kernel.machine.count + 10;
    runTo(kernel, count);
    runTo(other.kernel, count);
    t.deepEqual(seen, other.seen);
    t.is(kernel.machine.departure, undefined);
  },
);
