import { EVENT_TYPE, type KernelError, stateName } from '@hwbp/core';
import { PERF_QUIRKS, type PerfEventAttr, type PerfFile, REFUSED_MODIFY_LEAVES_TRACES } from '@hwbp/perf';
import test from 'ava';
import { A, PerfRig, refused, variable, WATCH } from './support.js';

const KERNEL = 0xffff_ffff_8200_0000n;
const state = ({ event }: PerfFile): string => stateName(event.state);

test('enable, disable and reset, of one or with the group', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const leader = rig.file(worker, { disabled: true });
  const member = rig.file(worker, { disabled: true }, { groupFd: leader.fd });
  leader.enable();
  t.deepEqual([state(leader), state(member)], ['INACTIVE', 'OFF']);
  member.enable({ group: true });
  worker.store(A, 2);
  t.deepEqual(rig.values(leader, member), [2, 2]);
  leader.reset();
  t.deepEqual(rig.values(leader, member), [0, 2]);
  member.reset({ group: true });
  t.deepEqual(rig.values(leader, member), [0, 0]);
  leader.disable({ group: true });
  t.deepEqual([state(leader), state(member)], ['OFF', 'OFF']);
});

test('refresh and period: EINVAL for events that count only, refresh for inherited ones too', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const counting = rig.file(worker);
  const inherited = rig.file(worker, { sample_period: 1, inherit: true });
  const sampling = rig.file(worker, { sample_period: 1 });
  for (const action of [
    () => counting.refresh(1),
    () => inherited.refresh(1),
    () => counting.period(1),
    () => sampling.period(0),
    () => sampling.period(1n << 63n),
    () => sampling.period((1n << 64n) - 1n),
  ]) {
    t.is(refused(t, rig, action, String(action)).errno, 'EINVAL');
  }
  t.notThrows(() => sampling.period((1n << 63n) - 1n));
  worker.store(A, 3);
  t.deepEqual(rig.values(sampling), [3]);
});

test('a frequency above the rate is EINVAL, at open and later', (t) => {
  const rig = new PerfRig({ engine: { sampleRate: 5000 } });
  const worker = rig.worker();
  t.is(refused(t, rig, () => rig.file(worker, { freq: true, sample_freq: 5001 })).errno, 'EINVAL');
  const file = rig.file(worker, { freq: true, sample_freq: 5000 });
  t.is(refused(t, rig, () => file.period(5001)).errno, 'EINVAL');
  t.notThrows(() => file.period(4000));
});

test('ids are unique, and those that read gives', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const files = [rig.file(worker), rig.file(worker), rig.file(0)];
  t.is(new Set(files.map(({ id }) => id)).size, 3);
});

// --- modify ---

/** The errno of a modification; `undefined` if it is accepted. */
function modify(
  t: Parameters<typeof refused>[0],
  rig: PerfRig,
  file: PerfFile,
  changes: object,
  as?: ReturnType<PerfRig['nobody']>,
): KernelError | undefined {
  const action = () => file.modify({ ...file.attr, ...changes } as PerfEventAttr, as === undefined ? {} : { as });
  try {
    action();
    return undefined;
  } catch {
    return refused(t, rig, action);
  }
}

test('modify: another address, length or type within the rules; the count goes on', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker);
  worker.store(A, 2);
  t.is(modify(t, rig, file, { bp_addr: variable(1), bp_len: 4, bp_type: 3 }), undefined);
  worker.store(A, 9);
  worker.store(variable(1), 1);
  t.deepEqual(rig.values(file), [3]);
  t.like(file.attr, { bp_addr: variable(1), bp_len: 4, bp_type: 3 });
});

test('modify never needs a free slot: a full pool changes from writes to execution', (t) => {
  const rig = new PerfRig();
  const files = [0, 1, 2, 3].map((n) => rig.file(0, { bp_addr: variable(n) }));
  for (const file of files) t.is(modify(t, rig, file, { bp_type: 4 }), undefined);
  t.is(refused(t, rig, () => rig.file(0)).errno, 'ENOSPC');
});

test('modify: what is refused, with its errno; the event keeps its settings and goes on', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { exclude_kernel: true, sample_period: 5 });
  const nobody = rig.nobody();
  for (const [changes, errno, code] of [
    [{ bp_len: 3 }, 'EINVAL', 'HWBP_ARCH_INVALID'],
    [{ bp_len: 0 }, 'EINVAL', 'HWBP_ARCH_INVALID'],
    [{ bp_addr: A + 1n }, 'EINVAL', 'HWBP_ARCH_INVALID'],
    [{ bp_type: 1 }, 'EINVAL', 'HWBP_ARCH_INVALID'],
    [{ bp_type: 0 }, 'EINVAL', undefined],
    [{ bp_type: 7 }, 'EINVAL', undefined],
    [{ bp_addr: KERNEL }, 'EINVAL', 'HWBP_KERNEL_ADDRESS'],
    [{ sample_period: 6 }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ exclude_kernel: false }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ inherit: true }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ pinned: true }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ sample_type: 1 }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ read_format: 1 }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ config: 1 }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ type: EVENT_TYPE.SOFTWARE }, 'EINVAL', 'PERF_IOCTL_INVALID'],
    [{ sigtrap: true }, 'EINVAL', 'PERF_OPEN_INVALID'],
  ] as const) {
    const error = modify(t, rig, file, changes);
    t.is(
      error?.errno,
      errno,
      JSON.stringify(changes, (_key, value) => String(value)),
    );
    if (code !== undefined) t.is(error?.code, code);
  }
  t.like(file.attr, { bp_addr: A, bp_len: 8, bp_type: 2, sample_period: 5 });
  worker.store(A, 2);
  t.deepEqual(rig.values(file), [2]);
  t.is(modify(t, rig, file, { bp_addr: variable(2) }, nobody), undefined, 'whoever has the descriptor may');
});

test('modify: a kernel address without privilege is EPERM; with it, fine', (t) => {
  const rig = new PerfRig();
  const file = rig.file(rig.worker());
  t.is(modify(t, rig, file, { bp_addr: KERNEL }, rig.nobody())?.errno, 'EPERM');
  t.is(modify(t, rig, file, { bp_addr: KERNEL }), undefined);
});

test('modify of what is no breakpoint is EOPNOTSUPP', (t) => {
  const rig = new PerfRig();
  const file = rig.file(0, { type: EVENT_TYPE.SOFTWARE, config: 9 });
  t.is(modify(t, rig, file, {})?.errno, 'EOPNOTSUPP');
});

test('modify applies disabled: off, and later on again; enable afterwards counts at the new address', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker);
  modify(t, rig, file, { bp_addr: variable(1), disabled: true });
  worker.store(variable(1), 2);
  t.deepEqual([state(file), ...rig.values(file)], ['OFF', 0]);
  file.enable();
  worker.store(variable(1), 2);
  t.deepEqual(rig.values(file), [2]);
  modify(t, rig, file, { disabled: false });
  worker.store(variable(1), 1);
  t.deepEqual(rig.values(file), [3]);
});

test('an event that was disabled by ioctl is enabled by a modification whose attr does not say disabled', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker);
  file.disable();
  modify(t, rig, file, { bp_addr: variable(1) });
  worker.store(variable(1), 2);
  t.deepEqual(rig.values(file), [2]);
});

test('modify of an inherited event reaches its children', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { inherit: true });
  const child = worker.fork();
  modify(t, rig, file, { bp_addr: variable(1) });
  child.store(A, 5);
  child.store(variable(1), 2);
  worker.store(variable(1), 1);
  t.deepEqual(rig.values(file), [3]);
});

test('quirk H5: a refused modification stores sig_data and enables an event that was off; without it nothing changes', (t) => {
  t.deepEqual(
    PERF_QUIRKS.map(({ name }) => name),
    ['perf-refused-modify-leaves-traces'],
  );
  for (const on of [true, false]) {
    const rig = new PerfRig({ quirks: { [REFUSED_MODIFY_LEAVES_TRACES.name]: on } });
    const worker = rig.worker();
    const file = rig.file(worker, { sig_data: 1n });
    file.disable();
    t.is(refused(t, rig, () => file.modify({ ...WATCH, bp_len: 3, sig_data: 2n })).errno, 'EINVAL');
    t.is(file.attr.sig_data, on ? 2n : 1n);
    worker.store(A, 2);
    t.deepEqual(rig.values(file), [on ? 2 : 0]);
    const off = rig.file(worker, { disabled: true });
    off.enable();
    t.is(refused(t, rig, () => off.modify({ ...WATCH, bp_len: 3, disabled: true })).errno, 'EINVAL');
    worker.store(A, 2);
    t.deepEqual(rig.values(off), [on ? 0 : 2], 'one whose attr says disabled is left disabled');
  }
});
