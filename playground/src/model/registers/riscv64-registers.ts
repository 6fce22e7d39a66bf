import { choice, decode, type FieldLayout, flag, type RegisterLayout, type RegisterView } from './register-view.js';
import { ICOUNT, MCONTROL, MCONTROL6, type TriggerType, triggerFields } from './riscv64-triggers.js';
import type { ReadRegister, ReadRegisters } from './unit-reader.js';

const manual = (title: string): string => `RISC-V Debug Specification 1.0, Sdtrig, Trigger Module Registers: ${title}`;
/** Address triggers, as the composition has them; the one behind them counts instructions. */
const TRIGGERS = 4;

function tdata1(n: number, value: bigint, usual: number): RegisterView {
  const { title, fields } = triggerFields(value, usual);
  const counts = usual === ICOUNT;
  return decode(
    {
      name: `tdata1 [${n}]`,
      meaning: counts ? `How trigger ${n} counts instructions: software steps by it` : `What trigger ${n} watches`,
      manual: manual(`Trigger Data 1 (tdata1), ${title}`),
      fields,
    },
    value,
  );
}

const tdata2 = (n: number): RegisterLayout => ({
  name: `tdata2 [${n}]`,
  meaning: `Address of trigger ${n}; with NAPOT the ones at its end say how long the range is`,
  manual: manual('Trigger Data 2 (tdata2)'),
  fields: [],
});

/** The values of fields that choose what is compared with another one. */
const MACHINE_CONTEXT = 'mcontext or hcontext has to be mhvalue, with the top bit of mhselect behind it';
const VMID = 'VMID has to be mhvalue, with the top bit of mhselect behind it';
const MHSELECT = [
  'mhvalue is ignored',
  MACHINE_CONTEXT,
  VMID,
  undefined,
  'mcontext or hcontext has to be mhvalue',
  MACHINE_CONTEXT,
  VMID,
];

function compared(name: string, low: number, width: number, chosenBy: string): FieldLayout {
  const says = (value: bigint, field: (name: string) => bigint): string =>
    field(chosenBy) === 0n ? `ignored: ${chosenBy} is 0` : `to be compared: ${value}`;
  return { name, low, width, says };
}

const textra64 = (n: number): RegisterLayout => ({
  name: `tdata3 [${n}]`,
  meaning: `The contexts that trigger ${n} is for (textra64)`,
  manual: manual('Trigger Extra (RV64) (textra64)'),
  fields: [
    compared('mhvalue', 51, 13, 'mhselect'),
    choice('mhselect', 48, 3, MHSELECT),
    {
      name: 'sbytemask',
      low: 36,
      width: 4,
      says: (value, field) => {
        if (field('sselect') !== 1n) return 'ignored: sselect is not 1';
        return value === 0n ? 'every byte of scontext is compared' : 'bytes of scontext whose bits are set are ignored';
      },
    },
    compared('svalue', 2, 32, 'sselect'),
    choice('sselect', 0, 2, ['svalue is ignored', 'scontext has to be svalue', 'ASID has to be svalue']),
  ],
});

function typesOf(info: bigint): string {
  const types = [...Array(16).keys()].filter((type) => (info >> BigInt(type)) & 1n);
  return `types that the trigger can have: ${types.join(', ')}`;
}

const tinfo = (n: number): RegisterLayout => ({
  name: `tinfo [${n}]`,
  meaning: `What trigger ${n} can be`,
  manual: manual('Trigger Info (tinfo)'),
  fields: [
    choice('version', 24, 8, ['Sdtrig as it was before 1.0', 'Sdtrig 1.0']),
    { name: 'info', low: 0, width: 16, says: typesOf },
  ],
});

const TSELECT: RegisterLayout = {
  name: 'tselect',
  meaning: 'The trigger that tdata1, tdata2, tdata3 and tinfo are about',
  manual: manual('Trigger Select (tselect)'),
  fields: [{ name: 'index', low: 0, width: 64, says: (value) => `trigger ${value}` }],
};

const TCONTROL: RegisterLayout = {
  name: 'tcontrol',
  meaning: 'Whether triggers fire in M-mode',
  manual: manual('Trigger Control (tcontrol)'),
  fields: [
    flag('mpte', 7, 'mte was set before the latest trap', 'mte was clear before the latest trap'),
    flag('mte', 3, 'triggers fire in M-mode', 'triggers do not fire in M-mode'),
  ],
};

const context = (name: string, title: string, field: string, compares: string): RegisterLayout => ({
  name,
  meaning: `A number that ${title === 'Machine' ? 'M-mode' : 'the kernel'} gives to what runs, for triggers of it alone`,
  manual: manual(`${title} Context (${name})`),
  fields: [{ name: field, low: 0, width: 32, says: (value) => `${value}, to be compared with ${compares}` }],
});

const SCONTEXT = context('scontext', 'Supervisor', 'data', 'svalue');
const MCONTEXT = context('mcontext', 'Machine', 'hcontext', 'mhvalue');

/** Every trigger with its registers, and what is for all of them. */
export function riscv64Registers({ triggerType }: { readonly triggerType: TriggerType }): ReadRegisters {
  const usual = triggerType === 'mcontrol6' ? MCONTROL6 : MCONTROL;
  const numbers = Array.from({ length: TRIGGERS }, (_, n) => n);
  const layouts = numbers.map((n) => ({ two: tdata2(n), three: textra64(n) }));
  const infos = [...numbers, TRIGGERS].map(tinfo);
  const selected = (read: ReadRegister, n: number) => (csr: string) =>
    read(csr, { register: 'tselect', value: BigInt(n) });
  return (read) => [
    decode(TSELECT, read('tselect')),
    ...layouts.flatMap(({ two, three }, n) => {
      const of = selected(read, n);
      return [tdata1(n, of('tdata1'), usual), decode(two, of('tdata2')), decode(three, of('tdata3'))];
    }),
    tdata1(TRIGGERS, selected(read, TRIGGERS)('tdata1'), ICOUNT),
    ...infos.map((layout, n) => decode(layout, selected(read, n)('tinfo'))),
    ...[TCONTROL, SCONTEXT, MCONTEXT].map((layout) => decode(layout, read(layout.name))),
  ];
}
