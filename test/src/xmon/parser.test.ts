import { fc, testProp } from '@fast-check/ava';
import type { Kernel } from '@hwbp/core';
import { ppc64Kernel, Typist } from './support.js';

/** Everything that a command could have changed. */
function state({ machine, breakpoints }: Kernel, { session }: Typist): unknown {
  const [inside, prompt] = [session.inside, session.prompt];
  return {
    inside,
    prompt,
    points: inside ? session.line('b') : '',
    memory: [...machine.physical.frame(0)].join(),
    contexts: [...machine.tasks.values()].map(({ context }) => [context.pc, ...context.registers]),
    claims: breakpoints.debugger.claims.map(
      ({ breakpoint: { address, cpu, length } }) => `${address} ${cpu} ${length}`,
    ),
    occupants: machine.cpus.map(({ index }) => breakpoints.occupants(index).map((one) => one?.address)),
    count: machine.count,
    gates: machine.gates,
    planted: machine.planted.size,
    debugger: breakpoints.debugger.inside,
    departure: machine.departure,
  };
}

const name = fc.constantFrom(
  'b',
  'bi',
  'bd',
  'bdr',
  'bdw',
  'bc',
  'c',
  'd',
  'd4',
  'e',
  'la',
  'ls',
  'm',
  'm8',
  'r',
  's',
  't',
  '?',
);
const argument = fc.oneof(
  fc.constantFrom(
    'serve',
    'serve+4',
    '$requests',
    'requests',
    '%pc',
    '%',
    '+',
    '0',
    '1',
    '2',
    '100',
    'c000000000000008',
  ),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((address) => address.toString(16)),
  fc.string(),
);
const command = fc.tuple(name, fc.array(argument, { maxLength: 3 })).map(([word, rest]) => [word, ...rest].join(' '));
const line = fc.oneof({ weight: 3, arbitrary: command }, fc.string({ unit: 'binary' }), fc.constant(''));

testProp(
  'whatever is typed, nothing throws, and what is refused has changed nothing',
  [fc.constantFrom('power7', 'power8', 'power10'), fc.boolean(), fc.array(line, { maxLength: 30 })],
  (t, cpu, readOnly, lines) => {
    using kernel = ppc64Kernel({ cpu, pageSize: 4096 }, { cpus: 2 });
    const user = new Typist(kernel, { readOnly });
    user.enter();
    for (const typed of lines) {
      if (!user.session.inside) user.enter();
      const before = state(kernel, user);
      const printed = user.session.line(typed);
      t.is(typeof printed, 'string');
      const { refused } = user.session;
      if (refused) {
        t.deepEqual(state(kernel, user), before, typed);
        t.not(printed, '');
      }
    }
    user.session.close();
    t.is(kernel.machine.gates, 0);
    t.is(kernel.machine.planted.size, 0);
    t.deepEqual(kernel.breakpoints.debugger.claims, []);
  },
  { numRuns: 300 },
);
