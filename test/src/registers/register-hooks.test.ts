import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  type Kernel,
  priorities,
  program,
  REGISTERS,
  type RegisterHooks,
  registrationOf,
} from '@hwbp/core';
import test from 'ava';
import { at, nops, store, writes } from '../history/support.js';

const ignore = (): void => {};

/** What the hooks of a kernel are told, in order; each line has all that it was given. */
function told(kernel: Kernel): string[] {
  const lines: string[] = [];
  const say = (what: string): void => void lines.push(what);
  const { hooks } = kernel.get(REGISTERS);
  hooks.installed.add(({ owner, onCpu, register }) => say(`installed ${owner} ${onCpu} ${register}`));
  hooks.uninstalled.add(({ owner, onCpu, register }, why, by) =>
    say(`uninstalled ${owner} ${onCpu} ${register} ${why} ${by?.owner ?? '-'}`),
  );
  hooks.released.add(({ owner, onCpu, state }) => say(`released ${owner} ${onCpu} ${state}`));
  hooks.disabled.add(({ owner, state }) => say(`disabled ${owner} ${state}`));
  hooks.hit.add(({ owner, hits }, hit) => say(`hit ${owner} ${hits} ${hit.cpu.index} ${hit.count}`));
  hooks.waits.add(({ owner, state }) => say(`waits ${owner} ${state}`));
  hooks.displaced.add(({ owner, onCpu }, by) => say(`displaced ${owner} ${onCpu} ${by?.owner ?? '-'}`));
  hooks.granted.add(({ owner, onCpu }) => say(`granted ${owner} ${onCpu}`));
  hooks.refused.add(({ owner }, holders) => say(`refused ${owner}: ${holders.map((one) => one.owner)}`));
  hooks.entered.add((owner) => say(`entered ${owner}`));
  return lines;
}

/** What has been told since the last call. */
const since = (lines: string[]): string[] => lines.splice(0);

test('a breakpoint of a task: in its register while the task is on its CPU, hit before its handler, off, and gone', (t) => {
  using kernel = composeKernel({ arch: x86(), strict: true });
  const { machine, breakpoints } = kernel;
  const lines = told(kernel);
  const task = machine.spawn(program([store(), store(), store(), store()]), { comm: 'a' });
  const watch = breakpoints.registerUser(writes(), () => lines.push('handler'), task, { owner: 'me' });
  t.deepEqual(since(lines), [], 'its task has no CPU');
  machine.run(1);
  t.deepEqual(since(lines), ['installed me 0 0', 'hit me 1 0 1', 'handler']);
  breakpoints.modify(watch, { bp_addr: at(1) });
  t.deepEqual(since(lines), ['uninstalled me 0 0 changed -', 'installed me 0 0']);
  breakpoints.disable(watch);
  t.deepEqual(since(lines), ['uninstalled me 0 0 changed -', 'disabled me off']);
  breakpoints.enable(watch);
  t.deepEqual(since(lines), ['installed me 0 0']);
  machine.run();
  t.deepEqual(since(lines), ['uninstalled me 0 0 switched -'], 'its task has ended');
  breakpoints.unregister(watch);
  t.deepEqual(since(lines), ['released me -1 released']);
  const wide = breakpoints.registerCpu(writes(), ignore, 0, { owner: 'wide' });
  breakpoints.unregister(wide);
  t.deepEqual(since(lines), ['installed wide 0 0', 'uninstalled wide 0 0 released -', 'released wide -1 released']);
});

test('no slot: who is in the way is told, and nothing else; a request that is no request is not told', (t) => {
  using kernel = composeKernel({ arch: x86(), strict: true });
  const { breakpoints } = kernel;
  for (const n of [0, 1, 2, 3]) breakpoints.registerCpu(writes(n), ignore, 0, { owner: `has ${n}` });
  const lines = told(kernel);
  t.throws(() => breakpoints.registerCpu(writes(4), ignore, 0, { owner: 'late' }), { code: 'HWBP_NO_SLOT' });
  t.deepEqual(since(lines), ['refused late: has 0,has 1,has 2,has 3']);
  t.throws(() => breakpoints.registerCpu({ ...writes(4), bp_len: 3 }, ignore, 0));
  t.true(since(lines).every((line) => !line.startsWith('installed')));
});

test('a policy that displaces: who loses is told before it leaves its register, who gets it behind that; and back', (t) => {
  using kernel = composeKernel({ arch: x86(), strict: true, slotPolicy: priorities() });
  const { breakpoints } = kernel;
  for (const n of [0, 1, 2, 3]) breakpoints.registerCpu(writes(n), ignore, 0, { owner: `low ${n}`, priority: n + 1 });
  const lines = told(kernel);
  const lowest = breakpoints.occupants(0).findIndex((one) => one?.owner === 'low 0');
  const high = breakpoints.registerCpu(writes(4), ignore, 0, { owner: 'high', priority: 9 });
  t.deepEqual(since(lines), [
    'displaced low 0 0 high',
    `uninstalled low 0 0 ${lowest} displaced high`,
    `installed high 0 ${lowest}`,
  ]);
  const waiting = breakpoints.registerCpu(writes(5), ignore, 0, { owner: 'lowest', priority: 0 });
  t.deepEqual(since(lines), ['waits lowest waiting']);
  breakpoints.unregister(waiting);
  t.deepEqual(since(lines), ['released lowest -1 released']);
  breakpoints.unregister(high);
  t.deepEqual(since(lines), [
    `uninstalled high 0 ${lowest} released -`,
    'released high -1 released',
    'granted low 0 -1',
    `installed low 0 0 ${lowest}`,
  ]);
});

test('a debugger that stops the machine is told once, and not when it lets go', (t) => {
  using kernel = composeKernel({ arch: x86(), strict: true });
  const lines = told(kernel);
  const { debugger: slots } = kernel.breakpoints;
  slots.enter('one');
  slots.enter('one');
  t.throws(() => slots.enter('other'), { code: 'HWBP_DEBUGGER_INSIDE' });
  slots.leave();
  slots.enter('other');
  t.deepEqual(since(lines), ['entered one', 'entered other']);
});

test('what hooks throw goes to the error channel; everybody else is called, and registers are as without', (t) => {
  const run = (throwing: boolean): { state: string; lines: string[]; errors: string[] } => {
    using kernel = composeKernel({ arch: x86(), strict: true, slotPolicy: priorities() });
    const { machine, breakpoints } = kernel;
    const errors: string[] = [];
    machine.hooks.error.add(({ what, error }) => errors.push(`${what}: ${error}`));
    const { hooks } = kernel.get(REGISTERS);
    if (throwing) {
      for (const [name, list] of Object.entries(hooks) as [keyof RegisterHooks, { add(hook: () => void): void }][])
        list.add(() => {
          throw new Error(name);
        });
    }
    const lines = told(kernel);
    const task = machine.spawn(program([store(), store(), store()]), { comm: 'a' });
    const own = breakpoints.registerUser(writes(), ignore, task, { owner: 'own', priority: 1 });
    machine.run(1);
    for (const n of [1, 2, 3, 4])
      breakpoints.registerCpu(writes(n), ignore, 0, { owner: `wide ${n}`, priority: n + 1 });
    const last = breakpoints.registerCpu(writes(5), ignore, 0, { owner: 'last', priority: 0 });
    breakpoints.disable(last);
    breakpoints.debugger.enter('somebody');
    breakpoints.debugger.leave();
    for (const one of [...breakpoints.registered])
      if (registrationOf(one).owner === 'wide 4') breakpoints.unregister(one);
    machine.run(1);
    breakpoints.disable(own);
    t.throws(() => breakpoints.debugger.reserve(writes(6), ignore, 7, 'nobody'));
    const state = JSON.stringify(
      breakpoints
        .occupants(0)
        .map((one) => (one === undefined ? null : [one.owner, one.hits, one.attr.bp_addr.toString()])),
    );
    return { state, lines, errors };
  };
  const without = run(false);
  const throwing = run(true);
  t.is(throwing.state, without.state);
  t.deepEqual(throwing.lines, without.lines);
  t.deepEqual(without.errors, []);
  const expected = without.lines.map((line) => {
    const [name = ''] = line.split(' ');
    return `a hook of '${name}': Error: ${name}`;
  });
  t.deepEqual(throwing.errors, expected, 'each is told, by its name');
  const names = new Set(without.lines.map((line) => line.split(' ')[0]));
  for (const name of [
    'installed',
    'uninstalled',
    'released',
    'disabled',
    'hit',
    'waits',
    'displaced',
    'granted',
    'entered',
  ])
    t.true(names.has(name), name);
});

test('hooks that nobody listens to change nothing: a program that is not watched tells nothing', (t) => {
  using kernel = composeKernel({ arch: x86(), strict: true });
  const lines = told(kernel);
  kernel.machine.spawn(nops(10));
  kernel.machine.run();
  t.deepEqual(lines, []);
});
