import { StepError } from '../../format/arguments.js';
import {
  breakpoint,
  disableInterrupts,
  enableInterrupts,
  fromControl,
  halt,
  identify,
  input,
  interrupt,
  interruptReturn,
  jump,
  load,
  loop,
  modify,
  nop,
  output,
  pop,
  popFlags,
  push,
  pushFlags,
  store,
  toControl,
  undefinedInstruction,
} from '../guest/basic-instructions.js';
import type { GuestCpu } from '../guest/guest-cpu.js';
import { addFlags, incrementFlags, logicFlags } from '../guest/guest-flags.js';
import type { GuestInstruction } from '../guest/guest-instruction.js';

/** How instructions are written in suite K2: how long one is, and what it does with its operands. */
interface Form {
  /** Bytes in 64-bit mode and in real mode; `undefined`: there is none. */
  readonly lengths: readonly [wide: number | undefined, real: number | undefined];
  readonly make: (length: number, operands: readonly bigint[], word: number) => GuestInstruction;
}

/** What stores write. */
const STORED = 0x1122_3344n;
/** What `add4` adds. */
const ADDED = 1n;
/** The port of `in` and `out` without one. */
const DEFAULT_PORT = 0x70n;

const a = (cpu: GuestCpu): bigint => cpu.get('rax');
const setA =
  (size: number) =>
  (cpu: GuestCpu, value: bigint): void =>
    cpu.setLow('rax', value, size);

/** An operation on A with a constant. */
const logic = (length: number, word: number, change: (old: bigint) => bigint): GuestInstruction => ({
  length,
  complete: (cpu) => {
    const result = BigInt.asUintN(8 * word, change(cpu.get('rax')));
    cpu.set('rax', result);
    cpu.flags = logicFlags(cpu.flags, result, word);
  },
});

/** An operation on 4 bytes of the stack with a constant. */
const logicOnStack = (length: number, offset: bigint, change: (old: bigint) => bigint): GuestInstruction =>
  modify(
    length,
    (cpu) => cpu.stackAt(Number(offset)),
    4,
    (old) => change(old),
    (flags, old) => logicFlags(flags, change(old), 4),
  );

/** A 32-bit constant as 64-bit instructions take it. */
const extended = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(32, value));

const storing = (size: number, wide: number, real: number | undefined): Form => ({
  lengths: [wide, real],
  make: (length, [address = 0n]) => store(length, address, size, () => STORED),
});

const loading = (size: number, wide: number, real: number | undefined): Form => ({
  lengths: [wide, real],
  make: (length, [address = 0n]) => load(length, () => address, size),
});

/** An instruction without operands. */
const plain = (wide: number, real: number, make: (length: number) => GuestInstruction): Form => ({
  lengths: [wide, real],
  make,
});

const FORMS: Readonly<Record<string, Form>> = {
  nop: plain(1, 1, nop),
  hlt: plain(1, 1, halt),
  int3: plain(1, 1, breakpoint),
  sti: plain(1, 1, enableInterrupts),
  cli: plain(1, 1, disableInterrupts),
  cpuid: plain(2, 2, identify),
  ud2: plain(2, 2, undefinedInstruction),
  iret: plain(2, 1, interruptReturn),
  out: { lengths: [2, 2], make: (length, [port = DEFAULT_PORT]) => output(length, port) },
  in: { lengths: [2, 2], make: (length, [port = DEFAULT_PORT]) => input(length, port) },
  int: { lengths: [2, 2], make: (length, [vector = 0n]) => interrupt(length, Number(vector)) },
  st1: storing(1, 8, 5),
  st2: storing(2, 10, 6),
  st4: storing(4, 11, 9),
  st8: storing(8, 12, undefined),
  ld1: loading(1, 7, 4),
  ld2: loading(2, 8, 4),
  ld4: loading(4, 7, 5),
  ld8: loading(8, 8, undefined),
  add4: {
    lengths: [8, 6],
    make: (length, [address = 0n]) =>
      modify(
        length,
        () => address,
        4,
        (old) => old + ADDED,
        (flags, old) => addFlags(flags, old, ADDED, 4),
      ),
  },
  inc: {
    lengths: [8, 5],
    make: (length, [address = 0n], word) =>
      modify(
        length,
        () => address,
        word,
        (old) => old + 1n,
        (flags, old) => incrementFlags(flags, old, word),
      ),
  },
  seta: { lengths: [10, 6], make: (length, [value = 0n]) => ({ length, complete: (cpu) => cpu.set('rax', value) }) },
  setcx: {
    lengths: [5, 3],
    make: (length, [value = 0n]) => ({ length, complete: (cpu) => cpu.setLow('rcx', value, cpu.real ? 2 : 4) }),
  },
  todr: { lengths: [3, 3], make: (length, [number = 0n]) => toControl(length, `dr${number}`) },
  fromdr: { lengths: [3, 3], make: (length, [number = 0n]) => fromControl(length, `dr${number}`) },
  fromcr4: { lengths: [3, 3], make: (length) => fromControl(length, 'cr4') },
  tocr4: { lengths: [3, 3], make: (length) => toControl(length, 'cr4') },
  st_a: { lengths: [8, 5], make: (length, [address = 0n], word) => store(length, address, word, a) },
  ld_a: { lengths: [8, 5], make: (length, [address = 0n], word) => load(length, () => address, word) },
  // To the slot that the program has given it.
  save: { lengths: [8, 5], make: (length, [slot = 0n], word) => store(length, slot, word, a) },
  st_w: { lengths: [undefined, 4], make: (length, [address = 0n]) => store(length, address, 2, a) },
  or_a: { lengths: [6, 6], make: (length, [value = 0n], word) => logic(length, word, (old) => old | extended(value)) },
  and_a: { lengths: [6, 6], make: (length, [value = 0n], word) => logic(length, word, (old) => old & extended(value)) },
  pushf: { lengths: [1, 2], make: (length, _operands, word) => pushFlags(length, word) },
  popf: { lengths: [1, 2], make: (length, _operands, word) => popFlags(length, word) },
  push_a: { lengths: [1, 2], make: (length, _operands, word) => push(length, word, a) },
  pop_a: { lengths: [1, 2], make: (length, _operands, word) => pop(length, word, setA(word)) },
  push_w: { lengths: [undefined, 1], make: (length) => push(length, 2, a) },
  pop_w: { lengths: [undefined, 1], make: (length) => pop(length, 2, setA(2)) },
  ld_sp: {
    lengths: [5, undefined],
    make: (length, [offset = 0n]) => load(length, (cpu) => cpu.stackAt(Number(offset)), 8),
  },
  or_sp: {
    lengths: [8, undefined],
    make: (length, [offset = 0n, value = 0n]) => logicOnStack(length, offset, (old) => old | value),
  },
  and_sp: {
    lengths: [8, undefined],
    make: (length, [offset = 0n, value = 0n]) => logicOnStack(length, offset, (old) => old & value),
  },
  jmp: { lengths: [2, 2], make: (length, [target = 0n]) => jump(length, target) },
  loop: { lengths: [2, 2], make: (length, [target = 0n]) => loop(length, target) },
};

function operandOf(text: string, whole: string): bigint {
  if (/^(0x[0-9a-f]{1,16}|[0-9]{1,19})$/i.test(text)) return BigInt.asUintN(64, BigInt(text));
  throw new StepError(`instruction '${whole}': '${text}' is no number`);
}

/** An instruction as suite K2 writes it. `slot`: where a `save` stores. Throws a StepError for what is none. */
export function parseInstruction(text: string, real: boolean, slot: bigint): GuestInstruction {
  const [name = '', ...operands] = text.split(':');
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  const length = form?.lengths[real ? 1 : 0];
  if (form === undefined || length === undefined) {
    throw new StepError(`there is no instruction '${text}'${form === undefined ? '' : ' in this mode'}`);
  }
  const values = name === 'save' ? [slot] : operands.map((operand) => operandOf(operand, text));
  return form.make(length, values, real ? 4 : 8);
}
