import { x86 } from '@hwbp/arch-x86';
import { composeKernel, KernelError, perfEvents, program } from '@hwbp/core';
import type { Random } from '../random.js';
import { resources } from '../soak/resources.js';

/** Calls that one kernel is asked for. */
const CALLS = 12;
/** What an engine says of a mistake inside: no argument is named. */
const INSIDE =
  /is not a function|of undefined|of null|is not iterable|is not defined|Cannot (read|set|mix|convert|use)/;

type Door = (...args: readonly unknown[]) => unknown;

const shown = (value: unknown): string => (typeof value === 'object' && value !== null ? 'an object' : String(value));

/** One kernel, called with sound and unsound arguments. Throws where it breaks. True if any call was accepted. */
export function callAtRandom(random: Random): boolean {
  using kernel = composeKernel({ arch: x86(), breakpointScheduler: perfEvents(), cpus: 2, strict: true });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([]), { run: false });
  const values: unknown[] = [
    undefined,
    null,
    -1,
    0,
    1,
    1.5,
    Number.NaN,
    2n ** 64n,
    -1n,
    0x1000n,
    'x',
    true,
    [],
    {},
    Symbol.iterator,
    () => {},
    task,
    machine.cpu(0),
    program([]),
    { bp_type: 2, bp_addr: 0x1000n, bp_len: 8 },
    { bp_type: 4, bp_addr: 0x1003n, bp_len: 3 },
    { bp_type: 9, bp_addr: 1, bp_len: 'x' },
    { disabled: true },
    { thread: true },
    { si_signo: 'SIGUSR1', si_code: 0 },
  ];
  const doors: readonly (readonly [name: string, door: Door])[] = [
    ...(['spawn', 'fork', 'exec', 'exit', 'exitGroup', 'rename', 'setAffinity', 'wake', 'halt', 'sendSignal'] as const),
    ...(['setOnline', 'cpu', 'current', 'memoryAt', 'run'] as const),
  ].map((name) => [name, machine[name].bind(machine) as Door]);
  const more: readonly (readonly [name: string, door: Door])[] = (
    ['registerUser', 'registerCpu', 'registerWide', 'modify', 'modifyWide', 'enable', 'disable', 'unregister'] as const
  ).map((name) => [name, breakpoints[name].bind(breakpoints) as Door]);
  const all = [...doors, ...more];
  let accepted = 0;
  for (let call = 0; call < CALLS; call++) {
    const [name, door] = random.pick(all);
    const args = Array.from({ length: random.below(5) }, () => random.pick(values));
    // A machine that runs without a budget runs for ever.
    if (name === 'run') args.splice(0, 1, random.below(100));
    const before = JSON.stringify(resources(kernel));
    try {
      const made = door(...args);
      accepted++;
      if (typeof made === 'object' && made !== null && values.length < 100) values.push(made);
    } catch (error) {
      const known = error instanceof KernelError || (error instanceof TypeError && !INSIDE.test(error.message));
      const told = `${name}(${args.map(shown).join(', ')}): ${String(error)}`;
      if (!known) throw new Error(told, { cause: error });
      const after = JSON.stringify(resources(kernel));
      if (after !== before) throw new Error(`${told}; it was refused, and left ${after}, before: ${before}`);
    }
  }
  return accepted > 0;
}
