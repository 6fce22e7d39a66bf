import { x86 } from '@hwbp/arch-x86';
import { assemble, composeKernel, device, HW_BREAKPOINT_RW } from '@hwbp/core';
import test from 'ava';
import { LinuxLab } from '../system-calls/linux.js';

const KERNEL_TEXT = 0xffff_ffff_8130_0000n;

test('a routine reaches a device as any program does: once for each load, under a watch and without', (t) => {
  const seen: string[] = [];
  let registers = 0n;
  const counting = device('counting', (host) => {
    let next = 1;
    registers = host.map(0xfe00_0000n, 16, {
      read: (offset, size) => {
        seen.push(`read ${offset}/${size}`);
        return next++;
      },
      write: (offset, size, value) => void seen.push(`write ${offset}/${size} ${value}`),
    });
    return {};
  });
  for (const watched of [false, true]) {
    seen.length = 0;
    using kernel = composeKernel({ arch: x86(), plugins: [counting] });
    const routine = assemble(
      `main: mov  r1, 0x${registers.toString(16)}
             load.u32 r2, [r1 + 4]
             load.u32 r3, [r1 + 4]
             add  r2, r2, r3
             store.u32 [r1 + 8], r2
             ret
      `,
      { at: KERNEL_TEXT, space: 'kernel' },
    );
    const hits: bigint[] = [];
    const watch = { bp_type: HW_BREAKPOINT_RW, bp_addr: registers + 4n, bp_len: 4 };
    if (watched) kernel.breakpoints.registerWide(watch, ({ pc }) => hits.push(pc - KERNEL_TEXT));
    kernel.machine.spawn(routine.program('main'), { mode: 'kernel' });
    kernel.machine.run(1000);
    t.deepEqual(seen, ['read 4/4', 'read 4/4', 'write 8/4 3']);
    t.deepEqual(hits, watched ? [4n, 8n] : []);
  }
});

test('fork copies a routine: parent and child go on behind the call, each with its own result', (t) => {
  const lab = new LinuxLab();
  const { machine } = lab.kernel;
  const forking = assemble(`
main:    syscall 57
         result  r0
         beq     r0, 0, .child
         mov     a0, 7
         syscall 231
.child:  mov     a0, 9
         syscall 231
         ret
`);
  const parent = machine.spawn(forking.program('main'));
  const ends: unknown[] = [];
  machine.hooks.exit.add((task) => ends.push([task === parent, task.exit]));
  machine.run(1000);
  t.deepEqual(ends.length, 2);
  t.deepEqual(
    new Map(ends as [boolean, unknown][]),
    new Map<boolean, unknown>([
      [true, { code: 7 }],
      [false, { code: 9 }],
    ]),
  );
});
