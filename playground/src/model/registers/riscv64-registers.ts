import { choice, decode, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

const SDTRIG = 'RISC-V Debug Specification 1.0, chapter 5 Sdtrig, Trigger Module Registers';
/** Address triggers, as the composition has them. */
const TRIGGERS = 4;
const TYPES: Readonly<Record<number, string>> = {
  2: 'mcontrol (deprecated)',
  6: 'mcontrol6: an address or data',
  15: 'disabled',
};

const tdata1 = (n: number): RegisterLayout => ({
  name: `tdata1 [${n}]`,
  meaning: `What trigger ${n} watches`,
  manual: `${SDTRIG}: tdata1, mcontrol6`,
  fields: [
    { name: 'type', low: 60, width: 4, says: (value) => TYPES[Number(value)] ?? 'another type' },
    flag('dmode', 59, 'for an external debugger alone', 'for software and debuggers'),
    flag('uncertain', 26, 'it may have fired without a match', 'it fires on a match alone'),
    flag('hit1', 25, 'upper bit of when it fired: immediately after', 'not after the instruction'),
    flag('vs', 24, 'in VS-mode', 'not in VS-mode'),
    flag('vu', 23, 'in VU-mode', 'not in VU-mode'),
    flag('hit0', 22, 'it has fired', 'it has not fired'),
    flag('select', 21, 'data is compared', 'addresses are compared'),
    choice('size', 16, 3, ['any size', '1 byte', '2 bytes', '4 bytes', '6 bytes', '8 bytes', '16 bytes']),
    choice('action', 12, 4, ['a breakpoint exception', 'debug mode']),
    flag('chain', 11, 'fires together with the next one alone', 'stands alone'),
    choice('match', 7, 4, ['equal', 'a range of a power of two (NAPOT)', 'from', 'below', 'masked low', 'masked high']),
    flag('m', 6, 'in M-mode', 'not in M-mode'),
    flag('uncertainen', 5, 'it may fire without a match', 'it must not fire without a match'),
    flag('s', 4, 'in S-mode (the kernel)', 'not in S-mode'),
    flag('u', 3, 'in U-mode', 'not in U-mode'),
    flag('execute', 2, 'fetches match', 'fetches do not match'),
    flag('store', 1, 'stores match', 'stores do not match'),
    flag('load', 0, 'loads match', 'loads do not match'),
  ],
});

const tdata2 = (n: number): RegisterLayout => ({
  name: `tdata2 [${n}]`,
  meaning: `Address of trigger ${n}; with NAPOT the ones at its end say how long the range is`,
  manual: `${SDTRIG}: tdata2`,
  fields: [],
});

const TCONTROL: RegisterLayout = {
  name: 'tcontrol',
  meaning: 'Whether triggers fire in M-mode',
  manual: `${SDTRIG}: tcontrol`,
  fields: [
    flag('mpte', 7, 'mte was set before the latest trap', 'mte was clear before the latest trap'),
    flag('mte', 3, 'triggers fire in M-mode', 'triggers do not fire in M-mode'),
  ],
};

/** tdata1 and tdata2 of every trigger. */
export const riscv64Registers: ReadRegisters = (read) => [
  ...Array.from({ length: TRIGGERS }, (_, n) => {
    const select = { register: 'tselect', value: BigInt(n) };
    return [decode(tdata1(n), read('tdata1', select)), decode(tdata2(n), read('tdata2', select))];
  }).flat(),
  decode(TCONTROL, read('tcontrol')),
];
