import { type Access, type ControlAccess, type HypercallRequest, hex } from '../hardware/index.js';
import { bits, type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { Instruction, SystemCallRequest } from './instruction-program.js';

/** Leaves out what is undefined. */
function fields(all: Readonly<Record<string, ImageValue | undefined>>): ImageValue {
  const there: Record<string, ImageValue> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) there[name] = value;
  return there;
}

/** An address, or what is handed on as it is. Throws EBUSY for one below 0, which is not the same as of 64 bits. */
function unsigned(value: bigint): string {
  if (value >= 0n && value < 1n << 64n) return bits(value);
  throw notWritable(`an instruction has the number ${value}: write it as one of 64 bits, as BigInt.asUintN does`);
}

function optionalBits(value: bigint | undefined): string | undefined {
  return value === undefined ? undefined : unsigned(value);
}

function saveAccess({ kind, address, size, value, space }: Access): ImageValue {
  // Of a wide store only the low bytes are wanted: as many as an access has.
  if (typeof value === 'function') throw notWritable('the value of a store is a function');
  const stored = value === undefined ? undefined : bits(value, 8 * size);
  return fields({ kind, address: unsigned(address), size, value: stored, space });
}

function loadAccess(from: ImageReader): Access {
  const [value, space] = [from.field('value'), from.field('space')];
  const size = from.field('size').number(1);
  return {
    kind: from.field('kind').oneOf('read', 'write', 'readwrite'),
    address: from.field('address').bits(),
    size,
    ...(value.absent ? {} : { value: value.wideBits(8 * size) }),
    ...(space.absent ? {} : { space: space.oneOf('memory', 'port') }),
  };
}

function loadControl(from: ImageReader): ControlAccess {
  const value = from.field('value');
  return { register: from.field('register').text(), ...(value.absent ? {} : { value: value.bits() }) };
}

function loadHypercall(from: ImageReader): HypercallRequest {
  return {
    number: from.field('number').number(),
    args: from
      .field('args')
      .list()
      .map((one) => one.bits()),
  };
}

/** An instruction as an image has it; `saveCall`: how its system call is written. */
export function saveInstruction(one: Instruction, saveCall: (call: SystemCallRequest) => ImageValue): ImageValue {
  const { registers, control, hypercall } = one;
  if (one.wait !== undefined)
    throw notWritable(`the instruction at ${hex(one.pc)} waits for something of this kernel's`);
  return fields({
    pc: unsigned(one.pc),
    length: one.length,
    next: optionalBits(one.next),
    accesses: one.accesses?.map(saveAccess),
    registers: registers && Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, bits(value)])),
    shadow: one.shadow,
    repeat: one.repeat,
    reserve: one.reserve,
    control: control && fields({ register: control.register, value: optionalBits(control.value) }),
    operation: one.operation,
    hypercall: hypercall && { number: hypercall.number, args: hypercall.args.map(unsigned) },
    trap: one.trap,
    syscall: one.syscall && saveCall(one.syscall),
  });
}

/** The way back. Throws EINVAL for what is no instruction. */
export function loadInstruction(from: ImageReader, loadCall: (call: ImageReader) => SystemCallRequest): Instruction {
  const optional = <T>(name: string, load: (field: ImageReader) => T): Record<string, T> => {
    const field = from.field(name);
    return field.absent ? {} : { [name]: load(field) };
  };
  return {
    pc: from.field('pc').bits(),
    length: from.field('length').number(1),
    ...optional('next', (field) => field.bits()),
    ...optional('accesses', (field) => field.list().map(loadAccess)),
    ...optional('registers', (field) =>
      Object.fromEntries(field.entries().map(([name, value]) => [name, value.bits()])),
    ),
    ...optional('shadow', (field) => field.flag()),
    ...optional('repeat', (field) => field.flag()),
    ...optional('reserve', (field) => field.flag()),
    ...optional('control', loadControl),
    ...optional('operation', (field) => field.oneOf('halt', 'identify', 'shutdown')),
    ...optional('hypercall', loadHypercall),
    ...optional('trap', (field) => field.oneOf('breakpoint', 'debug')),
    ...optional('syscall', loadCall),
  };
}
