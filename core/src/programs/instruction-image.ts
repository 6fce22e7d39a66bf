import { type Access, type ControlAccess, type HypercallRequest, hex } from '../hardware/index.js';
import { bits, type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { Code } from './code.js';
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

/** What a store stores: of a wide one only the low bytes are wanted, and a function by its name. */
function saveStored(value: Access['value'], size: number, code: Code): ImageValue | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'bigint' ? bits(value, 8 * size) : { code: code.nameOf(value, 'the value of a store') };
}

function saveAccess({ kind, address, size, value, space, into, signed }: Access, code: Code): ImageValue {
  return fields({ kind, address: unsigned(address), size, value: saveStored(value, size, code), space, into, signed });
}

function loadAccess(from: ImageReader, code: Code): Access {
  const size = from.field('size').number(1);
  const optional = optionalFields(from);
  return {
    kind: from.field('kind').oneOf('read', 'write', 'readwrite'),
    address: from.field('address').bits(),
    size,
    ...optional('value', (value) =>
      value.isText ? value.wideBits(8 * size) : (code.find(value.field('code').text()) as (old: bigint) => bigint),
    ),
    ...optional('space', (space) => space.oneOf('memory', 'port')),
    ...optional('into', (into) => into.text()),
    ...optional('signed', (signed) => signed.flag()),
  };
}

/** Reads the fields that are there. */
function optionalFields(from: ImageReader): <T>(name: string, load: (field: ImageReader) => T) => Record<string, T> {
  return (name, load) => {
    const field = from.field(name);
    return field.absent ? {} : { [name]: load(field) };
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
export function saveInstruction(
  one: Instruction,
  code: Code,
  saveCall: (call: SystemCallRequest) => ImageValue,
): ImageValue {
  const { registers, control, hypercall } = one;
  if (one.wait !== undefined)
    throw notWritable(`the instruction at ${hex(one.pc)} waits for something of this kernel's`);
  return fields({
    pc: unsigned(one.pc),
    length: one.length,
    next: one.next === 'loaded' ? one.next : optionalBits(one.next),
    accesses: one.accesses?.map((access) => saveAccess(access, code)),
    registers: registers && Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, bits(value)])),
    shadow: one.shadow,
    repeat: one.repeat,
    reserve: one.reserve,
    control: control && fields({ register: control.register, value: optionalBits(control.value) }),
    operation: one.operation,
    hypercall: hypercall && { number: hypercall.number, args: hypercall.args.map(unsigned) },
    trap: one.trap,
    irqs: one.irqs,
    syscall: one.syscall && saveCall(one.syscall),
  });
}

/** The way back. Throws EINVAL for what is no instruction. */
export function loadInstruction(
  from: ImageReader,
  code: Code,
  loadCall: (call: ImageReader) => SystemCallRequest,
): Instruction {
  const optional = optionalFields(from);
  return {
    pc: from.field('pc').bits(),
    length: from.field('length').number(1),
    ...optional('next', (field) => (field.isText && field.text() === 'loaded' ? 'loaded' : field.bits())),
    ...optional('accesses', (field) => field.list().map((access) => loadAccess(access, code))),
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
    ...optional('irqs', (field) => field.oneOf('off', 'on')),
    ...optional('syscall', loadCall),
  };
}
