import { x86, x86Backend } from '@hwbp/arch-x86';
import { composeKernel, KernelError, program } from '@hwbp/core';
import { eventAttr, parseEvents } from '@hwbp/perf';
import test from 'ava';

test('a 32-bit CPU has no address of 4 GiB and above: EINVAL for every kind of watch, ranges too', (t) => {
  const { parse } = x86Backend({ bits: 32, rangeBreakpoints: true });
  const refused: readonly (readonly [type: number, address: bigint, length: number])[] = [
    [2, 0x1_0000_0000n, 1],
    [3, 0x1_2345_6788n, 4],
    [4, 0x1_0000_0000n, 4],
    [2, 0xffff_ffff_8000_0000n, 4],
    [2, 0x1_0000_0000n, 0x1000],
  ];
  for (const [bp_type, bp_addr, bp_len] of refused) {
    t.throws(() => parse({ bp_type, bp_addr, bp_len }), {
      instanceOf: KernelError,
      code: 'HWBP_ARCH_INVALID',
      message: /beyond the last address of a 32-bit CPU/,
    });
  }
  t.is(parse({ bp_type: 2, bp_addr: 0xffff_fffcn, bp_len: 4 }).kernelSpace, true, 'the last word');
  t.is(parse({ bp_type: 2, bp_addr: 0xffff_f000n, bp_len: 4096 }).length, 4096, 'the last page');
});

test('a refused address of 4 GiB takes no register', (t) => {
  using kernel = composeKernel({ arch: x86({ bits: 32 }) });
  const task = kernel.machine.spawn(program([]));
  const attr = { bp_type: 2, bp_addr: 0x1_0000_0000n, bp_len: 4 };
  t.throws(() => kernel.breakpoints.registerUser(attr, () => {}, task), { code: 'HWBP_ARCH_INVALID' });
  t.is(kernel.breakpoints.registered.length, 0);
});

test('mem:ADDR:x has the length of a long', (t) => {
  const lengthOf = (text: string, wordSize?: 4 | 8) => {
    const [group] = parseEvents(text, wordSize === undefined ? {} : { wordSize });
    return group?.events[0]?.attr.bp_len;
  };
  t.is(lengthOf('mem:0x1000:x'), 8);
  t.is(lengthOf('mem:0x1000:x', 4), 4);
  t.is(lengthOf('{mem:0x1000:x}', 4), 4);
  t.is(lengthOf('mem:0x1000/8:x', 4), 8, 'what is written counts');
  t.is(lengthOf('mem:0x1000:w', 4), 4);
  using kernel = composeKernel({ arch: x86({ bits: 32 }) });
  const { wordSize } = kernel.breakpoints.manifest;
  const [group] = parseEvents('mem:0x1000:x', { wordSize });
  const event = group?.events[0] ?? t.fail();
  const attr = eventAttr(event, () => 0n);
  const task = kernel.machine.spawn(program([]));
  const { bp_type = 0, bp_addr = 0n, bp_len = 0 } = attr;
  t.notThrows(() => kernel.breakpoints.registerUser({ bp_type, bp_addr: BigInt(bp_addr), bp_len }, () => {}, task));
});

test('x86-range-enters-kernel: off, a range that goes on into the kernel needs privilege; on, its first byte decides', (t) => {
  const arch = x86({ bits: 32, rangeBreakpoints: true });
  const attr = { bp_type: 2, bp_addr: 0x8000_0000n, bp_len: 0x8000_0000 };
  for (const strict of [true, false]) {
    using kernel = composeKernel({ arch, strict });
    const task = kernel.machine.spawn(program([]));
    const register = () => kernel.breakpoints.registerUser(attr, () => {}, task, { privileged: false });
    if (strict) t.throws(register, { code: 'HWBP_KERNEL_ADDRESS_PRIVILEGE' });
    else t.notThrows(register);
  }
});
