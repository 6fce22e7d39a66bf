import { KernelError } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { addressOf, registered, SYMBOLS, traced } from './support.js';

const FILTER = 'ksym_trace_filter';
const OPS = ['-w-', 'rw-', 'r--', '---', 'rwx', 'xw-', 'abc', 'rw', 'rw--', '', ':w-'];
const NAMES = [...SYMBOLS.map(({ name }) => name), 'nobody', '*', '', '0'];
const SPACE = ['', ' ', '\n', '\t \n'];
const REGISTERS = 4;

const written = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...SPACE), fc.constantFrom(...NAMES), fc.constantFrom(...OPS), fc.constantFrom(...SPACE))
      .map(([before, name, ops, after]) => `${before}${name}:${ops}${after}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '0', '*:---', ' 0\n') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

/** What a filter is, in a dozen lines: pairs of name and type, newest first. */
type Model = readonly (readonly [name: string, type: 'w' | 'rw'])[];

/** The filter after a write, or the errno. */
function expected(model: Model, text: string): Model | 'EINVAL' | 'ENOSPC' {
  const stripped = text.trim();
  if (['', '0', '*:---'].includes(stripped)) return [];
  const [, name, ops] = /^([^:]*):(.{3})$/s.exec(stripped) ?? [];
  const known = SYMBOLS.some((symbol) => symbol.name === name);
  if (name === undefined || ops === undefined || !known || ops[2] === 'x') return 'EINVAL';
  const listed = model.find(([other]) => other === name);
  if (ops === '---') return listed ? model.filter((entry) => entry !== listed) : 'EINVAL';
  const type = `${ops[0] === 'r' ? 'r' : ''}${ops[1] === 'w' ? 'w' : ''}`;
  if (type === '' || type === listed?.[1]) return 'EINVAL';
  if (listed === undefined && model.length === REGISTERS) return 'ENOSPC';
  if (type === 'r' || addressOf(name) % 4n !== 0n) return 'EINVAL';
  const made = [name, type as 'w' | 'rw'] as const;
  return listed ? model.map((entry) => (entry === listed ? made : entry)) : [made, ...model];
}

test('random writes and hotplug: the filter and the breakpoints are what a plain model says; a refusal changes nothing', (t) => {
  const hotplug = fc.record({ cpu: fc.constantFrom(1, 2), online: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 9, arbitrary: written }, { weight: 1, arbitrary: hotplug }), { maxLength: 60 }),
      (steps) => {
        const { kernel, files } = traced({ cpus: 3, offline: [2] });
        let model: Model = [];
        for (const step of steps) {
          if (typeof step === 'string') {
            const next = expected(model, step);
            let errno: string | undefined;
            try {
              files.write(FILTER, step);
            } catch (error) {
              if (!(error instanceof KernelError)) throw error;
              errno = error.errno;
            }
            if (errno !== (typeof next === 'string' ? next : undefined)) {
              throw new Error(`${JSON.stringify(step)}: expected ${JSON.stringify(next)}, got ${errno ?? 'success'}`);
            }
            if (typeof next !== 'string') model = next;
          } else {
            kernel.machine.setOnline(step.cpu, step.online);
          }
          const text = model.map(([name, type]) => `${name}:${type === 'w' ? '-w-' : 'rw-'}\n`).join('');
          const breakpoints = kernel.machine.onlineCpus.flatMap(({ index }) =>
            model.map(
              ([name, type]) => `ksym_tracer cpu${index} 0x${addressOf(name).toString(16)} ${type === 'w' ? 2 : 3}/4`,
            ),
          );
          if (files.read(FILTER) !== text)
            throw new Error(`after ${JSON.stringify(step)} the filter is ${files.read(FILTER)}`);
          if (registered(kernel).join() !== breakpoints.sort().join()) {
            throw new Error(`after ${JSON.stringify(step)} there are ${registered(kernel).join()}`);
          }
        }
        kernel.dispose();
        return !kernel.breakpoints.isUsed;
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
