import test from 'ava';
import { type Held, type ModelName, registerOf } from './registers-of.js';

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
    held: { dbgwvr0_el1: 0x7fff_8000_1234_5678n },
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
