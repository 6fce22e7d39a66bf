import { architecture, type KernelError, nullBackend } from '@hwbp/core';
import {
  DEFAULT_PERF_SETTINGS,
  PERF_FLAG_FD_CLOEXEC,
  PERF_FLAG_FD_NO_GROUP,
  PERF_FLAG_FD_OUTPUT,
  PERF_FLAG_PID_CGROUP,
  PERF_TYPE_SOFTWARE,
  type PerfEventAttr,
  type PerfTarget,
} from '@hwbp/perf';
import test from 'ava';
import { A, PerfRig, refused, WATCH } from './support.js';

const KERNEL = 0xffff_ffff_8200_0000n;

/**
 * Everything that is wrong with a request, in the order in which Linux looks: a request with one of these flaws, and
 * all of those that come later, is refused for this one.
 */
function flaws(rig: PerfRig) {
  const [worker, dead] = [rig.worker(), rig.worker()];
  const nobody = rig.nobody();
  const leader = rig.file(worker);
  const member = rig.file(worker, {}, { groupFd: leader.fd });
  const gone = rig.file(dead);
  dead.exit();
  // CPU 0 is full for it, CPU 1 is not for others.
  for (let n = 0; n < 2; n++) rig.file(worker, {}, { cpu: 0 });
  const other = rig.worker();
  const list: readonly {
    readonly what: string;
    readonly errno: KernelError['errno'];
    readonly message: RegExp;
    readonly attr?: Partial<PerfEventAttr>;
    readonly target?: Partial<PerfTarget>;
  }[] = [
    { what: 'flags', errno: 'EINVAL', message: /bits that are no PERF_FLAG_/, target: { flags: 16 } },
    { what: 'cgroup', errno: 'EINVAL', message: /no control groups/, target: { flags: PERF_FLAG_PID_CGROUP } },
    {
      what: 'sample_type',
      errno: 'EINVAL',
      message: /sample_type is a set of bits/,
      attr: { sample_type: 0x200_0000 },
    },
    { what: 'read_format', errno: 'EINVAL', message: /read_format is a set of bits/, attr: { read_format: 0x20 } },
    { what: 'branch stack', errno: 'EINVAL', message: /which branches/, attr: { sample_type: 0x800 } },
    {
      what: 'inherit_thread',
      errno: 'EINVAL',
      message: /inherit_thread needs inherit/,
      attr: { inherit_thread: true },
    },
    {
      what: 'remove and enable on exec',
      errno: 'EINVAL',
      message: /exclude each other/,
      attr: { remove_on_exec: true, enable_on_exec: true },
    },
    { what: 'sigtrap', errno: 'EINVAL', message: /sigtrap needs remove_on_exec/, attr: { sigtrap: true } },
    { what: 'the kernel', errno: 'EACCES', message: /set exclude_kernel/, target: { as: nobody } },
    {
      what: 'frequency',
      errno: 'EINVAL',
      message: /sample_freq 100001 is more/,
      attr: { freq: true, sample_freq: 100_001 },
    },
    { what: 'period', errno: 'EINVAL', message: /bit 63/, attr: { sample_period: 1n << 63n } },
    { what: 'group', errno: 'EBADF', message: /99 is no descriptor/, target: { groupFd: 99 } },
    { what: 'ended group', errno: 'ENODEV', message: /has ended/, target: { groupFd: gone.fd } },
    { what: 'task', errno: 'ESRCH', message: /no task with pid 4194303/, target: { pid: 4_194_303 } },
    {
      what: 'inherit of a group',
      errno: 'EINVAL',
      message: /inherit differs/,
      attr: { inherit: true },
      target: { groupFd: leader.fd },
    },
    { what: 'CPU', errno: 'EINVAL', message: /there is no CPU 2: .* CPUs 0 to 1/, target: { cpu: 2 } },
    { what: 'no CPU', errno: 'EINVAL', message: /-1 needs a task/, target: { pid: -1, cpu: -1 } },
    {
      what: 'sigtrap of a CPU',
      errno: 'EINVAL',
      message: /sigtrap needs a task/,
      attr: { sigtrap: true, remove_on_exec: true },
      target: { pid: -1, cpu: 0 },
    },
    {
      what: 'reading of whom',
      errno: 'EINVAL',
      message: /add PERF_SAMPLE_TID/,
      attr: { inherit: true, sample_type: 0x10 },
    },
    { what: 'type', errno: 'ENOENT', message: /no PMU counts events of type 77/, attr: { type: 77 } },
    { what: 'bp_type 0', errno: 'EINVAL', message: /bp_type 0 is no condition/, attr: { bp_type: 0 } },
    { what: 'bp_type 7', errno: 'EINVAL', message: /bp_type 7 is no condition/, attr: { bp_type: 7 } },
    { what: 'slots', errno: 'ENOSPC', message: /4 of 4 are taken by perf for task worker-\d+/, attr: { bp_len: 3 } },
    {
      what: 'read watch',
      errno: 'EINVAL',
      message: /for reads use 3/,
      attr: { bp_type: 1 },
      target: { pid: other.task.pid },
    },
    { what: 'length', errno: 'EINVAL', message: /ength/, attr: { bp_len: 3 }, target: { pid: other.task.pid } },
    { what: 'range', errno: 'EOPNOTSUPP', message: /range/, attr: { bp_len: 16 }, target: { pid: other.task.pid } },
    {
      what: 'alignment',
      errno: 'EINVAL',
      message: /multiple of the length/,
      attr: { bp_addr: A + 1n },
      target: { pid: other.task.pid },
    },
    {
      what: 'execute',
      errno: 'EINVAL',
      message: /8/,
      attr: { bp_type: 4, bp_len: 1 },
      target: { pid: other.task.pid },
    },
    {
      what: 'kernel address',
      errno: 'EINVAL',
      message: /exclude_kernel/,
      attr: { bp_addr: KERNEL, exclude_kernel: true },
      target: { pid: other.task.pid },
    },
    {
      what: 'somebody else’s task',
      errno: 'EACCES',
      message: /belongs to uid 0: a caller of uid 65534/,
      attr: { exclude_kernel: true },
      target: { pid: other.task.pid, as: nobody },
    },
    {
      what: 'CPU without privilege',
      errno: 'EACCES',
      message: /perf_event_paranoid is 2: without privilege, CPU 1 is out of reach/,
      attr: { exclude_kernel: true },
      target: { pid: -1, cpu: 1, as: nobody },
    },
    {
      what: 'group of another task',
      errno: 'EINVAL',
      message: /different tasks/,
      target: { pid: other.task.pid, groupFd: leader.fd },
    },
    {
      what: 'group of a member',
      errno: 'EINVAL',
      message: /itself a member/,
      target: { pid: other.task.pid, groupFd: member.fd },
    },
  ];
  return { list, worker };
}

test('each check of perf_event_open, with its errno and message; what is refused leaves nothing behind', (t) => {
  const rig = new PerfRig();
  const { list, worker } = flaws(rig);
  for (const { what, errno, message, attr = {}, target = {} } of list) {
    const error = refused(t, rig, () => rig.file(worker, attr, target), what);
    t.is(error.errno, errno, `${what}: ${error.message}`);
    t.regex(error.message, message, what);
  }
});

test('a request with two flaws is refused for the one that Linux looks for first', (t) => {
  const rig = new PerfRig();
  const { list, worker } = flaws(rig);
  let pairs = 0;
  for (const [i, first] of list.entries()) {
    for (const second of list.slice(i + 1)) {
      // Both at once must be possible, and must not make a third flaw or mend one.
      const [one, two] = [
        { ...first.attr, ...first.target },
        { ...second.attr, ...second.target },
      ];
      if (Object.keys(one).some((key) => Object.hasOwn(two, key))) continue;
      const names = new Set([first.what, second.what]);
      if (names.has('the kernel') && (one.exclude_kernel === true || two.exclude_kernel === true)) continue;
      if (names.has('sigtrap') && (one.remove_on_exec === true || two.remove_on_exec === true)) continue;
      if (names.has('inherit_thread') && (one.inherit === true || two.inherit === true)) continue;
      if (first.what === 'slots' && two.pid !== undefined) continue;
      if (two.as !== undefined && one.as === undefined && two.exclude_kernel !== true) continue;
      const ungrouped = [...names].some((name) => /ended|reading/.test(name)) && 'inherit' in { ...one, ...two };
      if (ungrouped || (names.has('inherit of a group') && { ...one, ...two }.pid !== undefined)) continue;
      const error = refused(
        t,
        rig,
        () => rig.file(worker, { ...second.attr, ...first.attr }, { ...second.target, ...first.target }),
        `${first.what} and ${second.what}`,
      );
      t.is(error.errno, first.errno, `${first.what} and ${second.what}: ${error.message}`);
      t.regex(error.message, first.message, `${first.what} and ${second.what}`);
      pairs++;
    }
  }
  t.true(pairs > 200, `${pairs} pairs`);
});

test('descriptors are the lowest that is free, from 3', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const files = [0, 0, 0].map(() => rig.file(worker));
  t.deepEqual(
    files.map(({ fd }) => fd),
    [3, 4, 5],
  );
  files[1]?.close();
  t.is(rig.file(worker).fd, 4);
  t.deepEqual([...rig.perf.files.keys()].toSorted(), [3, 4, 5]);
});

test('flags: FD_CLOEXEC is taken; FD_NO_GROUP opens beside a group; with FD_OUTPUT records go to its ring', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const leader = rig.file(worker, { sample_period: 1 }, { flags: PERF_FLAG_FD_CLOEXEC });
  leader.mmap(1);
  const beside = rig.file(
    worker,
    { sample_period: 1, pinned: true },
    { groupFd: leader.fd, flags: PERF_FLAG_FD_NO_GROUP | PERF_FLAG_FD_OUTPUT },
  );
  t.is(beside.event.leader, beside.event);
  worker.store(A, 2);
  t.is(leader.drain().length, 4);
  t.is(beside.ring, undefined);
});

test('FD_OUTPUT to a ring on another CPU: EINVAL, and nothing is left open', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const leader = rig.file(worker, { sample_period: 1 }, { cpu: 0 });
  leader.mmap(1);
  const flags = PERF_FLAG_FD_NO_GROUP | PERF_FLAG_FD_OUTPUT;
  const open = () => rig.file(worker, { sample_period: 1 }, { cpu: 1, groupFd: leader.fd, flags });
  t.is(refused(t, rig, open).errno, 'EINVAL');
  t.deepEqual([...rig.perf.files.keys()], [leader.fd]);
  t.is(rig.kernel.breakpoints.registered.length, 1);
});

// --- 16.6: without privilege, perf_event_paranoid 2 ---

test('without privilege: oneself in user mode is allowed; the kernel, CPUs and others’ tasks are EACCES', (t) => {
  const rig = new PerfRig();
  const nobody = rig.nobody();
  const root = rig.worker();
  const open = (attr: Partial<PerfEventAttr>, target: PerfTarget) => () =>
    rig.perf.open({ ...WATCH, ...attr }, { as: nobody, ...target });
  const user = { exclude_kernel: true };
  t.notThrows(open(user, { pid: 0 }));
  t.notThrows(open(user, { pid: nobody.pid, cpu: 1 }));
  t.is(refused(t, rig, open({}, { pid: 0 })).errno, 'EACCES');
  t.is(refused(t, rig, open(user, { pid: -1, cpu: 0 })).errno, 'EACCES');
  t.is(refused(t, rig, open(user, { pid: root.task.pid })).errno, 'EACCES');
  t.is(refused(t, rig, open({ ...user, bp_addr: KERNEL }, { pid: 0 })).errno, 'EINVAL');
});

test('whose task is whose: the same user’s without privilege, one’s own threads; never a privileged one of the same number', (t) => {
  const rig = new PerfRig();
  const nobody = rig.nobody();
  const same = rig.nobody();
  const another = rig.nobody(1000);
  const raised = rig.nobody();
  raised.privileged = true;
  const thread = rig.machine.fork(nobody, () => ({ state: 'starved', run: () => 0 }), { thread: true });
  // Threads reach each other whatever they have become.
  thread.uid = 1000;
  const open = (pid: number) => () => rig.perf.open({ ...WATCH, exclude_kernel: true }, { pid, as: nobody });
  t.notThrows(open(same.pid));
  t.notThrows(open(thread.pid));
  t.is(refused(t, rig, open(another.pid)).errno, 'EACCES');
  t.is(refused(t, rig, open(raised.pid)).errno, 'EACCES');
});

test('perf_event_paranoid: 1 allows the kernel’s side, 0 and below CPUs too; kernel addresses are EPERM whatever it is', (t) => {
  t.is(DEFAULT_PERF_SETTINGS.perf_event_paranoid, 2);
  for (const [perf_event_paranoid, kernel, cpu] of [
    [3, 'EACCES', 'EACCES'],
    [2, 'EACCES', 'EACCES'],
    [1, 'EPERM', 'EACCES'],
    [0, 'EPERM', undefined],
    [-1, 'EPERM', undefined],
  ] as const) {
    const rig = new PerfRig({ settings: { perf_event_paranoid } });
    const as = rig.nobody();
    const label = `perf_event_paranoid ${perf_event_paranoid}`;
    t.is(refused(t, rig, () => rig.perf.open({ ...WATCH, bp_addr: KERNEL }, { pid: 0, as })).errno, kernel, label);
    const wide = () => rig.perf.open({ ...WATCH, exclude_kernel: true }, { pid: -1, cpu: 0, as });
    if (cpu === undefined) t.notThrows(wide, label);
    else t.is(refused(t, rig, wide).errno, cpu, label);
    if (perf_event_paranoid < 2) t.notThrows(() => rig.perf.open(WATCH, { pid: 0, as }), label);
  }
});

test('pid 0 is the caller; the kernel itself has no pid of its own', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.perf.open(WATCH, { pid: 0, as: worker.task });
  worker.store(A, 2);
  t.deepEqual(rig.values(file), [2]);
  t.throws(() => rig.perf.open(WATCH, { pid: 0 }), { instanceOf: TypeError, message: /say who that is/ });
});

test('an architecture without breakpoints: no PMU takes them, ENOENT; the other events are there', (t) => {
  const rig = new PerfRig({ arch: architecture(nullBackend()) });
  const error = refused(t, rig, () => rig.file(0));
  t.is(error.errno, 'ENOENT');
  t.regex(error.message, /no hardware breakpoints/);
  t.notThrows(() => rig.file(0, { type: PERF_TYPE_SOFTWARE, config: 9 }));
});

test('an offline CPU is ENODEV', (t) => {
  const rig = new PerfRig({ offline: [1] });
  t.is(refused(t, rig, () => rig.file(1)).errno, 'ENODEV');
});

test('an attr without a type is a mistake of the caller', (t) => {
  const rig = new PerfRig();
  t.throws(() => rig.perf.open({} as PerfEventAttr, { pid: -1, cpu: 0 }), {
    instanceOf: TypeError,
    message: /needs a type/,
  });
});
