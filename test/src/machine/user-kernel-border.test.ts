import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_RW, program, SI_CODES, type SignalInfo } from '@hwbp/core';
import test from 'ava';

/** Lets a task in user mode load one byte, and says what signal it gets. */
function loadInUserMode(address: bigint, size = 1): { readonly signal: SignalInfo | undefined; readonly hits: number } {
  using kernel = composeKernel({ arch: x86() });
  let signal: SignalInfo | undefined;
  const task = kernel.machine.spawn(
    program([{ pc: 0x1000n, length: 2, accesses: [{ kind: 'read', address, size }] }]),
    { demandZero: false },
  );
  task.memory.map(0x7fff_ffff_e000n, 0x1000);
  task.handlers.set('SIGSEGV', (info) => {
    signal = info;
    kernel.machine.exit(task);
    return program([])();
  });
  const watch = { bp_type: HW_BREAKPOINT_RW, bp_addr: address & ~7n, bp_len: 8 };
  const breakpoint = kernel.breakpoints.registerCpu(watch, () => {}, 0);
  kernel.machine.run(100);
  return { signal, hits: breakpoint.hits };
}

test('user mode reaches the last byte of user space, and not the first of kernel space', (t) => {
  t.deepEqual(loadInUserMode(0x7fff_ffff_efffn), { signal: undefined, hits: 1 });
  const beyond = loadInUserMode(0x7fff_ffff_f000n);
  t.like(beyond.signal, { si_code: SI_CODES.SEGV_MAPERR, si_addr: 0x7fff_ffff_f000n });
  t.is(beyond.hits, 0, 'an access that faults hits nothing');
});

test('an access that straddles the border faults at the border', (t) => {
  const { signal, hits } = loadInUserMode(0x7fff_ffff_effcn, 8);
  t.like(signal, { si_addr: 0x7fff_ffff_f000n });
  t.is(hits, 0);
});

test('a kernel address faults with its own address, whatever the kernel has there', (t) => {
  t.like(loadInUserMode(0xffff_ffff_8100_0000n).signal, {
    si_code: SI_CODES.SEGV_MAPERR,
    si_addr: 0xffff_ffff_8100_0000n,
  });
});

test('an address that is not canonical raises a general protection fault, which knows no address', (t) => {
  t.deepEqual(loadInUserMode(0x8000_0000_0000_0000n).signal, { si_signo: 'SIGSEGV', si_code: SI_CODES.SI_KERNEL });
});
