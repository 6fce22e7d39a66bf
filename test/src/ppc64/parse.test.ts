import { PPC64_ERRORS, PPC64_QUIRKS, ppc64, ppc64Backend, resolveFeatures } from '@hwbp/arch-ppc64';
import { ERRNO, type HwBreakpointAttr, QuirkSet } from '@hwbp/core';
import test from 'ava';
import { errnoOf } from './support.js';

const LINUX = new QuirkSet(PPC64_QUIRKS, []);
const parse = (cpu: 'power7' | 'power8' | 'power9' | 'power10', attr: Partial<HwBreakpointAttr>, quirks?: QuirkSet) =>
  errnoOf(() => ppc64Backend({ cpu }).parse({ bp_type: 3, bp_addr: 0x1000n, bp_len: 8, ...attr }, quirks));

test('refused in order: no length, neither reads nor writes, no usable register, a crossed boundary, too many bytes', (t) => {
  t.is(parse('power9', { bp_len: 0, bp_type: 0 }), 'EINVAL');
  t.is(parse('power9', { bp_type: 4 }), 'EINVAL');
  t.is(parse('power9', { bp_len: 9999 }), 'ENODEV');
  t.is(
    errnoOf(() => ppc64Backend({ cpu: 'power9', dawrEnableDangerous: true }).parse(attrOf(0x1000n, 512))),
    'ok',
  );
  t.is(parse('power8', { bp_addr: 0x11ffn, bp_len: 2 }), 'EINVAL');
  t.is(parse('power8', { bp_addr: 0x1001n, bp_len: 511 }), 'ok');
  t.is(parse('power10', { bp_addr: 0x11ffn, bp_len: 2 }), 'ok');
  t.is(parse('power10', { bp_addr: 0x1001n, bp_len: 511 }), 'ok');
  t.is(parse('power10', { bp_addr: 0x1001n, bp_len: 512 }), 'EINVAL');
  t.is(parse('power7', { bp_addr: 0x1003n, bp_len: 5 }), 'ok');
  t.is(parse('power7', { bp_addr: 0x1003n, bp_len: 6 }), 'EINVAL');
});

const attrOf = (bp_addr: bigint, bp_len: number): HwBreakpointAttr => ({ bp_type: 3, bp_addr, bp_len });

test('reads alone can be watched; the kernel begins at 0xc000000000000000, what lies below it is nobody’s', (t) => {
  const { parse: of } = ppc64Backend();
  t.is(parse('power8', { bp_type: 1 }), 'ok');
  t.false(of(attrOf(0x10_0000_0000_0000n, 8)).kernelSpace);
  t.true(of(attrOf(0xbfff_ffff_ffff_ffffn, 2)).kernelSpace);
});

test('a length that is cut to nothing does not hide that a watch begins in kernel space', (t) => {
  const whole = attrOf(0xc000_0000_0000_0000n, 65536);
  t.true(ppc64Backend({ cpu: 'power10' }).parse(whole, LINUX).kernelSpace);
  t.is(parse('power10', whole, LINUX), 'ok');
});

test('with the quirks of Linux lengths are cut to 16 bits, and other bits of the type ignored', (t) => {
  for (const [attr, cut, sane] of [
    [{ bp_len: 65536 + 8 }, 'ok', 'EINVAL'],
    [{ bp_len: 1n << 63n }, 'ok', 'EINVAL'],
    [{ bp_len: 65535 }, 'ok', 'EINVAL'],
    [{ bp_type: 5 }, 'ok', 'EINVAL'],
    [{ bp_type: 9 }, 'ok', 'EINVAL'],
    [{ bp_addr: 0xffff_ffff_ffff_ffffn, bp_len: 2 }, 'ok', 'EINVAL'],
  ] as const) {
    t.is(
      parse('power10', attr, LINUX),
      cut,
      JSON.stringify(attr, (_k, v) => String(v)),
    );
    t.is(parse('power10', attr), sane);
  }
  t.is(parse('power8', { bp_len: 65535 }, LINUX), 'EINVAL', 'the boundary is looked at with all bits');
});

test('facts that no kernel has are a TypeError', (t) => {
  for (const wrong of [{ cpu: 'power6' }, { pageSize: 8192 }, { byteOrder: 'middle' }, { dar: 'nip' }] as never[]) {
    t.throws(() => resolveFeatures(wrong), { instanceOf: TypeError });
    t.throws(() => ppc64(wrong), { instanceOf: TypeError });
  }
});

test('the codes are API: the list of them is pinned', (t) => {
  t.true(Object.isFrozen(PPC64_ERRORS));
  t.deepEqual(
    { ...PPC64_ERRORS },
    {
      PPC64_NO_DEBUG_REGISTER: 'EINVAL',
      PPC64_BAD_DABR: 'EIO',
      PPC64_BAD_VERSION: 'ENOTSUPP',
      PPC64_BAD_REQUEST: 'EINVAL',
      PPC64_BAD_ADDRESS: 'EIO',
      PPC64_NO_HANDLE: 'ENOSPC',
      PPC64_BAD_HANDLE: 'EINVAL',
      PPC64_DAWR_REFUSED: 'ENODEV',
      PPC64_CIABR_TAKEN: 'EBUSY',
      PPC64_BAD_INSTRUCTION: 'EINVAL',
      PPC64_CIABR_REFUSED: 'ENODEV',
      PPC64_FREE_HANDLE: 'ENOENT',
    },
  );
  for (const errno of Object.values(PPC64_ERRORS)) t.true(errno in ERRNO);
  t.is(new Set(PPC64_QUIRKS.map(({ name }) => name)).size, PPC64_QUIRKS.length);
});
