import assert from 'node:assert/strict';
import { MODELS, type RegisterView } from '@hwbp/playground/model';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import {
  AMD,
  ARM_FORMS,
  arm,
  INTEL,
  ISA_31,
  ISA_206,
  ISA_207,
  type ManualRegister,
  SDTRIG,
  SDTRIG_FORMS,
  SDTRIG_MCONTROL,
} from './manual-tables.js';

type ModelName = keyof typeof MODELS;

/** The manual of each model, and what it has beside for registers that hold something else than 0. */
const MANUALS: Readonly<
  Record<ModelName, readonly [all: readonly ManualRegister[], forms: readonly ManualRegister[]]>
> = {
  x86: [INTEL, []],
  'x86-intel': [INTEL, []],
  'x86-amd': [AMD, []],
  power7: [ISA_206, []],
  power8: [ISA_207, []],
  power9: [ISA_207, []],
  power10: [ISA_31, []],
  arm64: [arm(4, 6), ARM_FORMS],
  'arm64-fewest': [arm(2, 2), ARM_FORMS],
  'arm64-most': [arm(16, 16), ARM_FORMS],
  riscv64: [SDTRIG, SDTRIG_FORMS],
  'riscv64-after': [SDTRIG, SDTRIG_FORMS],
  'riscv64-mcontrol': [SDTRIG_MCONTROL, SDTRIG_FORMS],
};
const NAMES = Object.keys(MANUALS) as ModelName[];

/** Names of what a manual has no field for. */
const NO_FIELD = new Set(['reserved', 'other causes']);

type Held = Readonly<Record<string, bigint>>;

/** All registers of a model that hold these values, and 0 where none is said. Trigger 4 counts instructions. */
function registersOf(model: ModelName, held: Held = {}): readonly RegisterView[] {
  return MODELS[model].registers((name, select) => {
    if (name === 'tdata1' && select?.value === 4n) return held['icount'] ?? 3n << 60n;
    return held[name] ?? 0n;
  });
}

function registerOf(model: ModelName, name: string, held: Held = {}): RegisterView {
  const found = registersOf(model, held).find((register) => register.name === name);
  if (found === undefined) throw new TypeError(`${model} has no ${name}`);
  return found;
}

/** `name high:low` of every field, the highest first; from a manual that counts from the left, its numbers. */
function fieldsOf({ fields }: RegisterView, fromLeft = false): readonly string[] {
  return fields
    .filter(({ name }) => !NO_FIELD.has(name))
    .map(({ name, bits, manualBits }) => {
      const numbers = fromLeft ? (manualBits?.replace(/^ISA /, '') ?? 'none') : bits;
      return `${name} ${numbers.includes(':') ? numbers : `${numbers}:${numbers}`}`;
    });
}

function rowsOf({ fields, fromLeft }: ManualRegister): readonly string[] {
  return fields
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(({ length }) => length > 1)
    .sort((one, other) => (Number(other[2]) - Number(one[2])) * (fromLeft === true ? -1 : 1))
    .map(([name, first, last]) => `${name} ${first}:${last}`);
}

for (const model of NAMES) {
  const [all, forms] = MANUALS[model];
  test(`${model}: every register, and every field of it where its manual has it`, (t) => {
    t.deepEqual(
      registersOf(model).map(({ name }) => name),
      all.map(({ register }) => register),
    );
    for (const manual of [...all, ...forms]) {
      const { register, holding, fromLeft } = manual;
      const view = registerOf(model, register, holding);
      t.deepEqual(
        fieldsOf(view, fromLeft),
        rowsOf(manual),
        `${register} ${JSON.stringify(Object.keys(holding ?? {}))}`,
      );
      t.is(
        view.fields.every(({ manualBits }) => manualBits !== undefined),
        fromLeft === true || view.fields.length === 0,
        `${register}: numbers from the left`,
      );
    }
  });

  test(`${model}: whatever registers hold, each bit is in one field, and the fields are the value`, (t) => {
    const property = fc.property(fc.infiniteStream(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (stream) => {
      const held = new Map<string, bigint>();
      const registers = MODELS[model].registers((name, select) => {
        const key = `${name} ${select?.value}`;
        const known = held.get(key) ?? (stream.next().value as bigint);
        held.set(key, known);
        return known;
      });
      for (const { name, value, fields } of registers) {
        let next = 4 * (value.length - 2);
        let joined = 0n;
        for (const { bits, value: of, meaning } of fields) {
          const [high = Number.NaN, low = high] = bits.split(':').map(Number);
          assert.equal(high, next - 1, `${name}: bits ${bits}`);
          assert.match(of, high === low ? /^[01]$/ : /^0x(0|[1-9a-f][0-9a-f]*)$/, `${name}: bits ${bits}`);
          assert.notEqual(meaning, '', `${name}: bits ${bits}`);
          joined |= BigInt(of) << BigInt(low);
          next = low;
        }
        if (fields.length > 0) assert.deepEqual([next, joined], [0, BigInt(value)], name);
      }
    });
    check(t, property, 20);
  });
}

/** What a field says where registers hold something. */
interface Meaning {
  readonly model: ModelName;
  readonly register: string;
  readonly held: Held;
  readonly fields: Readonly<Record<string, RegExp>>;
}

const wcr = (held: bigint, fields: Meaning['fields']): Meaning => ({
  model: 'arm64',
  register: 'DBGWCR0_EL1',
  held: { dbgwcr0_el1: held },
  fields,
});

const bcr = (held: bigint, fields: Meaning['fields']): Meaning => ({
  model: 'arm64',
  register: 'DBGBCR0_EL1',
  held: { dbgbcr0_el1: held },
  fields,
});

const tdata1 = (held: bigint, fields: Meaning['fields']): Meaning => ({
  model: 'riscv64',
  register: 'tdata1 [1]',
  held: { tdata1: held },
  fields,
});

const dawrx = (model: ModelName, held: bigint, fields: Meaning['fields']): Meaning => ({
  model,
  register: model === 'power10' ? 'DAWRX0' : 'DAWRX',
  held: { dawrx0: held },
  fields,
});

const MEANINGS: readonly Meaning[] = [
  {
    // An 8 byte write watch in DR0, as Linux programs it: LEN 10, R/W 01, G0, GE, and the bit that is always 1.
    model: 'x86-intel',
    register: 'DR7',
    held: { dr7: 0x0009_0602n },
    fields: {
      LEN0: /^8 bytes/,
      'R/W0': /^stores$/,
      G0: /^breakpoint 0 is on in every task$/,
      L0: /^off, but G0 has it on$/,
      L1: /is off: neither L1 nor G1/,
      GE: /ignored since the P6 family$/,
      RTM: /^no advanced debugging of transactional regions$/,
      LEN1: /as execution \(R\/W = 0\) wants it/,
    },
  },
  {
    // LEN with execution, ports, and the local enable.
    model: 'x86-amd',
    register: 'DR7',
    held: { dr7: 0x00e8_0401n },
    fields: {
      LEN0: /^must be 0 for execution \(R\/W = 0\): undefined$/,
      'R/W0': /^the instruction/,
      L0: /a task switch by hardware clears it/,
      G0: /^off, but L0 has it on$/,
      'R/W1': /^I\/O ports, if CR4\.DE is set; undefined otherwise$/,
      LEN1: /^4 bytes/,
      GE: /ignored by every AMD64 CPU anyway$/,
    },
  },
  {
    model: 'x86',
    register: 'DR6',
    held: { dr6: 0xffff_4ff1n },
    fields: { B0: /was met \(that may be so although/, BS: /^single step$/, BLD: /^no bus lock/, RTM: /^not inside/ },
  },
  dawrx('power8', 0x0c51n, {
    MRD: /^32 bytes; they end at the next multiple of 512 bytes at the latest$/,
    DW: /^stores match$/,
    WT: /is on$/,
    'PRIVM:PRO': /^part of PRIVM: matches in problem state/,
  }),
  dawrx('power10', 0x0c4an, { MRD: /^32 bytes$/, WT: /^ignored: WTI is set$/, 'PRIVM:PNH': /matches in the kernel/ }),
  {
    model: 'power9',
    register: 'DSISR',
    held: { dsisr: 0x0240_0000n },
    fields: {
      DABRMATCH: /^a data address watchpoint matched \(ISA bit 41\)$/,
      ISSTORE: /^the access was a store \(ISA bit 38\)$/,
    },
  },
  wcr(0x1ff5n, {
    E: /^the watchpoint is on$/,
    PAC: /^at EL0 \(user\)$/,
    LSC: /^stores$/,
    BAS: /^bytes 0 to 7/,
    LBN: /^ignored: linked to nothing \(WT=0\)$/,
    HMC: /not above EL1$/,
    SSC: /in either Security state$/,
    MASK: /^no bit/,
  }),
  wcr(0x0113_00a5n, {
    MASK: /^reserved/,
    WT: /^linked/,
    LBN: /^linked to breakpoint 3$/,
    LSC: /^reserved/,
    BAS: /^reserved: bytes with a gap/,
  }),
  wcr(0x0c00_1ff5n, { MASK: /^4096 bytes: the lowest 12 bits are ignored$/ }),
  wcr(0x0c00_0035n, { MASK: /BAS has to be 0xff then$/, BAS: /^byte 0 from/ }),
  // HMC=1, SSC=3, PAC=0: EL2 in either state. HMC=0, SSC=3, PAC=1 is of FEAT_SEL2. Neither is simply secure.
  wcr(0xe000n, { SSC: /in either Security state, at EL2$/, HMC: /at EL2 too$/, PAC: /^neither at EL1 nor at EL0$/ }),
  wcr(0xc002n, { SSC: /in Secure state alone, at EL2 too \(FEAT_SEL2\)$/, PAC: /^reserved with HMC=0 and SSC=3$/ }),
  wcr(0x8002n, { SSC: /in Secure state alone$/, HMC: /not above EL1$/, PAC: /^at EL1 \(kernel\)$/ }),
  wcr(0x2002n, { HMC: /at EL2 and EL3 too$/, PAC: /^at EL1 \(kernel\)$/ }),
  wcr(0xa000n, { HMC: /at EL3 too$/ }),
  wcr(0x6002n, { HMC: /at EL2 too$/, SSC: /Non-secure state alone$/ }),
  wcr(0x2000n, { PAC: /^reserved with HMC=1 and SSC=0$/ }),
  bcr(0x01e5n, {
    BAS: /^the instruction at the address \(A64, A32\)$/,
    BT: /^unlinked instruction address match$/,
    LBN: /^ignored: linked to nothing \(BT=0\)$/,
    PMC: /^at EL0 \(user\)$/,
  }),
  bcr(0x0014_0185n, {
    BT: /^linked instruction address match/,
    LBN: /^linked to breakpoint 4$/,
    BAS: /2 bytes behind/,
  }),
  bcr(0x0030_01e1n, { BT: /^Context ID match, others can link/, LBN: /^ignored/, BAS: /^ignored/ }),
  bcr(0x0050_0021n, { BT: /^linked instruction address mismatch/, LBN: /^linked to breakpoint 0$/, BAS: /^reserved$/ }),
  bcr(0n, { PMC: /AArch32: nowhere in AArch64$/ }),
  {
    model: 'arm64',
    register: 'DBGWVR0_EL1',
    held: { dbgwvr0_el1: 0xffff_8000_1234_5678n },
    fields: { RESS: /^should be copies of bit 48$/, VA: /0x1800012345678$/ },
  },
  {
    model: 'arm64',
    register: 'DBGWVR0_EL1',
    held: { dbgwvr0_el1: 0xffff_ffff_1234_5678n },
    fields: { RESS: /^copies of bit 48$/ },
  },
  {
    // A store that hit a watchpoint in user mode.
    model: 'arm64',
    register: 'ESR_EL1',
    held: { esr_el1: 0xd200_0062n },
    fields: {
      EC: /^watchpoint, from user mode/,
      WnR: /a store$/,
      DFSC: /^debug exception$/,
      FnV: /^FAR_EL1 is valid$/,
    },
  },
  {
    model: 'arm64',
    register: 'ESR_EL1',
    held: { esr_el1: 0xce00_0022n },
    fields: {
      EC: /^software step, of the kernel/,
      ISV: /^EX is not valid$/,
      EX: /^ignored/,
      IFSC: /^debug exception$/,
    },
  },
  {
    model: 'arm64',
    register: 'MDSCR_EL1',
    held: { mdscr_el1: 0x8000n },
    fields: { MDE: /are on$/, KDE: /^none/, TXfull: /EDSCR\.TXfull while the OS Lock/ },
  },
  ...[
    ['not fired', 0n],
    ['before', 1n << 22n],
    ['after the instruction, and at least one more', 1n << 25n],
    ['immediately after', (1n << 25n) | (1n << 22n)],
  ].map(([text, bits], hit) => {
    const wanted = new RegExp(`^hit \\(hit1 and hit0\\) is ${hit}: .*${text}`);
    return tdata1((6n << 60n) | BigInt(bits ?? 0n), { hit1: wanted, hit0: wanted });
  }),
  ...[/^equal/, /^NAPOT/, /^ge/, /^lt/, /^mask low/, /^mask high/, /^reserved/, /^reserved/].map((match, value) =>
    tdata1((6n << 60n) | (BigInt(value) << 7n), { match }),
  ),
  ...[/^not equal/, /^not NAPOT/, /^reserved/, /^reserved/, /^not mask low/, /^not mask high/, /^reserved/].map(
    (match, value) => tdata1((6n << 60n) | (BigInt(8 + value) << 7n), { match }),
  ),
  tdata1((6n << 60n) | (6n << 16n), { size: /of 128 bits alone$/ }),
  // mcontrol has the four bits of size in two places, and other values for what is above 64 bits.
  tdata1((2n << 60n) | (1n << 21n) | (2n << 16n) | (12n << 53n) | (1n << 18n), {
    sizehi: /^size \(sizehi and sizelo\) is 6: .* 80 bits alone$/,
    sizelo: /^size \(sizehi and sizelo\) is 6: /,
    maskmax: /has 4096 bytes$/,
    timing: /^fires after/,
    hit: /^it has not fired$/,
  }),
  tdata1(15n << 60n, { type: /^disabled$/, load: /^ignored: the trigger is disabled$/, dmode: /^software can/ }),
  {
    model: 'riscv64',
    register: 'tdata3 [0]',
    held: { tdata3: (1n << 36n) | (5n << 2n) | 1n },
    fields: { svalue: /5$/, sselect: /^scontext/, mhvalue: /^ignored/, sbytemask: /are ignored$/ },
  },
  {
    model: 'riscv64',
    register: 'tinfo [0]',
    held: { tinfo: (1n << 24n) | (1n << 15n) | (1n << 6n) },
    fields: { version: /^Sdtrig 1\.0$/, info: /: 6, 15$/ },
  },
];

test('what a value of a field means', (t) => {
  for (const { model, register, held, fields } of MEANINGS) {
    const view = registerOf(model, register, held);
    for (const [name, wanted] of Object.entries(fields)) {
      const found = view.fields.find((field) => field.name === name);
      t.regex(found?.meaning ?? 'no such field', wanted, `${model} ${register} ${view.value} ${name}`);
    }
  }
});

test('what reads as 1 whatever is written is said to', (t) => {
  const said = (model: ModelName, register: string): readonly string[] =>
    registerOf(model, register, { dr6: 0xffff_0ff0n, dr7: 0x400n })
      .fields.filter(({ name }) => name === 'reserved')
      .map(({ bits, value, meaning }) => `${bits} ${value} ${/reads as [01]/.exec(meaning)?.[0]}`);
  t.deepEqual(said('x86-intel', 'DR6'), ['31:17 0x7fff reads as 1', '12 0 reads as 0', '10:4 0x7f reads as 1']);
  t.deepEqual(said('x86-amd', 'DR6'), ['31:16 0xffff reads as 1', '12 0 reads as 0', '10:4 0x7f reads as 1']);
  t.deepEqual(said('x86-intel', 'DR7'), ['15:14 0x0 reads as 0', '12 0 reads as 0', '10 1 reads as 1']);
  t.deepEqual(said('x86-amd', 'DR7'), ['15:14 0x0 reads as 0', '12:11 0x0 reads as 0', '10 1 reads as 1']);
});

test("every register is cited from the manual of its model's maker and edition", (t) => {
  const editions: Readonly<Record<ModelName, RegExp>> = {
    x86: /^Intel SDM vol\. 3 \(order 325384-083\), 18\.2\.[134] Debug/,
    'x86-intel': /^Intel SDM vol\. 3 \(order 325384-083\), 18\.2\.[134] Debug/,
    'x86-amd': /^AMD APM vol\. 2 \(24593\), chapter 13, /,
    power7: /^Power ISA 2\.06, Book III-S, /,
    power8: /^Power ISA 2\.07, Book III-S, /,
    power9: /^Power ISA 3\.0, Book III, /,
    power10: /^Power ISA 3\.1, Book III, /,
    arm64: /^Arm ARM \(DDI 0487 L\.a\), D24\.[23] /,
    'arm64-fewest': /^Arm ARM \(DDI 0487 L\.a\), D24\.[23] /,
    'arm64-most': /^Arm ARM \(DDI 0487 L\.a\), D24\.[23] /,
    riscv64: /^RISC-V Debug Specification 1\.0, Sdtrig, /,
    'riscv64-after': /^RISC-V Debug Specification 1\.0, Sdtrig, /,
    'riscv64-mcontrol': /^RISC-V Debug Specification 1\.0, Sdtrig, /,
  };
  for (const model of NAMES) {
    for (const { name, manual, meaning } of registersOf(model)) {
      t.regex(manual, editions[model], `${model} ${name}`);
      t.true(meaning.length > 10, `${model} ${name}`);
    }
  }
});
