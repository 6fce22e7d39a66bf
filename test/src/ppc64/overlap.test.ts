import { OVERLAP_IGNORES_TASK, overlapExclusion } from '@hwbp/arch-ppc64';
import {
  linuxSlotPolicy,
  PRIORITIES,
  priorities,
  program,
  SLOT_POLICY,
  type Task,
  USER_DEBUGGERS,
  wrapSlotPolicy,
} from '@hwbp/core';
import { Kwatch } from '@hwbp/kwatch';
import { PERF_TYPE_BREAKPOINT, Perf, type PerfFile } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import { slotPolicyContract } from '@hwbp/testkit';
import test from 'ava';
import { A, type Debuggee, debuggee, errnoOf } from './support.js';

slotPolicyContract({
  test,
  name: 'overlap exclusion',
  createPolicy: overlapExclusion().create,
  honours: 'linux',
  excludes: true,
});
for (const counts of ['exact', 'maximum'] as const) {
  slotPolicyContract({
    test,
    name: `overlap exclusion around priorities (${counts})`,
    createPolicy: overlapExclusion(priorities({ counts })).create,
    displaces: counts,
  });
}

const KERNEL = 0xc000_0000_0100_0000n;
type Target = 'same task' | 'other task' | 'cpu' | 'same task on a cpu' | 'other task on a cpu';

/** A debugger's task, and another one; perf may watch either, or the CPU. */
class Scene {
  readonly d: Debuggee;
  readonly #other: Task;

  constructor(rule: boolean, strict = false) {
    this.d = debuggee({ slotPolicy: rule ? overlapExclusion() : linuxSlotPolicy(), strict });
    this.#other = this.d.kernel.machine.spawn(program([]), { run: false });
  }

  /** A perf read watch of 8 bytes. */
  perf(target: Target, bp_addr: bigint): PerfFile {
    const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 1, bp_addr, bp_len: 8 };
    const pid = target === 'cpu' ? -1 : target.startsWith('same') ? this.d.task.pid : this.#other.pid;
    const cpu = target.endsWith('cpu') ? 0 : -1;
    return this.d.kernel.get(Perf).open(attr, { pid, cpu });
  }

  /** A debugger's range of 8 bytes. */
  ptrace(): void {
    this.d.watch(A, 8n);
  }
}

// The kernel's own test (tools/testing/selftests/powerpc/ptrace/ptrace-perf-hwbreak), by its facts: overlap is at +4,
// none at +8.
const PERF_FIRST: readonly (readonly [Target, bigint, string])[] = [
  ['cpu', 4n, 'ENOSPC'],
  ['cpu', 8n, 'ok'],
  ['same task', 4n, 'ENOSPC'],
  ['same task', 8n, 'ok'],
  ['other task', 4n, 'ok'],
];
const PTRACE_FIRST: readonly (readonly [Target, bigint, string])[] = [
  ['same task', KERNEL - A, 'ok'],
  ['cpu', KERNEL - A, 'ok'],
  ['same task', 4n, 'ENOSPC'],
  ['same task', 8n, 'ok'],
  ['other task', 4n, 'ok'],
  ['cpu', 4n, 'ENOSPC'],
  ['cpu', 8n, 'ok'],
  ['same task on a cpu', 4n, 'ENOSPC'],
  ['same task on a cpu', 8n, 'ok'],
  ['other task on a cpu', 4n, 'ok'],
];

for (const rule of [true, false]) {
  test(`ptrace-perf-hwbreak ${rule ? 'with the rule of kernels before 6.6' : 'without it: all is accepted'}`, (t) => {
    for (const [target, offset, errno] of PERF_FIRST) {
      const scene = new Scene(rule);
      scene.perf(target, A + offset);
      t.is(
        errnoOf(() => scene.ptrace()),
        rule ? errno : 'ok',
        `perf ${target} +${offset}, then ptrace`,
      );
    }
    for (const [target, offset, errno] of PTRACE_FIRST) {
      const scene = new Scene(rule);
      scene.ptrace();
      t.is(
        errnoOf(() => scene.perf(target, A + offset)),
        rule ? errno : 'ok',
        `ptrace, then perf ${target} +${offset}`,
      );
    }
  });
}

test('a perf event of another task on a CPU is in a debugger’s way in Linux, and not under strict', (t) => {
  for (const strict of [false, true]) {
    const scene = new Scene(true, strict);
    scene.perf('other task on a cpu', A);
    t.is(
      errnoOf(() => scene.ptrace()),
      strict ? 'ok' : 'ENOSPC',
    );
  }
});

test('a refusal says who is in the way and why, takes nothing, and ends with the one in the way', (t) => {
  const scene = new Scene(true);
  const file = scene.perf('cpu', A);
  const error = t.throws(() => scene.ptrace(), { code: 'HWBP_NO_SLOT' });
  t.regex(error?.message ?? '', /told before the access.*same doublewords: perf for CPU 0/);
  t.is(scene.d.kernel.breakpoints.registered.length, 1);
  file.close();
  t.is(
    errnoOf(() => scene.ptrace()),
    'ok',
  );
});

test('what the policy inside provides, declares and was called with is there, however often it is wrapped', (t) => {
  const inner = priorities({ owners: { perf: 9 } });
  const twice = wrapSlotPolicy(overlapExclusion(inner), 'twice', (policy) => policy);
  const { kernel } = debuggee({
    slotPolicy: twice,
    plugins: [Ptrace, Perf, Kwatch],
    quirks: { [OVERLAP_IGNORES_TASK.name]: false },
  });
  t.is(kernel.get(SLOT_POLICY).name, 'priorities, without overlaps');
  t.is(kernel.get(PRIORITIES).levelOf('perf'), 9);
  t.is(kernel.get(PRIORITIES).levelOf(USER_DEBUGGERS), 4);
  t.deepEqual([twice.quirks, twice.options], [inner.quirks, inner.options]);
  const watch = kernel.get(Kwatch).registerKernel({ address: KERNEL, length: 8, type: 2, triggered: () => {} });
  t.true(watch.installed);
  t.is(kernel.get(PRIORITIES).users(0).effective, undefined);
});
