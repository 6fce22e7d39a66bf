import { type Kind, kind, oneOf, shown, wholeNumber } from '../errors/index.js';
import { type Access, hex } from '../hardware/index.js';
import { InstructionError } from './instruction-error.js';
import type { Instruction } from './instruction-program.js';
import { WAITING } from './waiting.js';

const BIGINT = kind('a bigint, such as 0x1000n', (value) => typeof value === 'bigint');
const FLAG = kind('true or false', (value) => typeof value === 'boolean');
const NAME = kind("a register's name", (value) => typeof value === 'string' && value !== '');
const OBJECT = kind('an object', (value) => typeof value === 'object' && value !== null);
const SIZE = wholeNumber(1);

/** What the fields of an instruction are, and what is in them where more can be said. */
const FIELDS: Readonly<Record<keyof Instruction, Kind>> = {
  pc: BIGINT,
  length: SIZE,
  next: kind("an address, such as 0x1000n, or 'loaded'", (value) => typeof value === 'bigint' || value === 'loaded'),
  registers: OBJECT,
  shadow: FLAG,
  repeat: FLAG,
  reserve: FLAG,
  accesses: kind('a list of accesses', Array.isArray),
  control: OBJECT,
  operation: oneOf('halt', 'identify', 'shutdown'),
  hypercall: OBJECT,
  trap: oneOf('breakpoint', 'debug'),
  irqs: oneOf('off', 'on'),
  syscall: kind('true, or what makes a program', (value) => value === true || typeof value === 'function'),
  wait: WAITING,
};
const ACCESS_FIELDS: Readonly<Record<keyof Access, Kind>> = {
  kind: oneOf('read', 'write', 'readwrite'),
  address: BIGINT,
  size: SIZE,
  value: kind(
    'a bigint, such as 1n, or of a readwrite of memory a function of the old value',
    (value) => typeof value === 'bigint' || typeof value === 'function',
  ),
  space: oneOf('memory', 'port'),
  into: NAME,
  signed: FLAG,
  unprivileged: FLAG,
  exclusive: FLAG,
};
const CONTROL_FIELDS = { register: NAME, value: BIGINT };
const HYPERCALL_FIELDS = { number: wholeNumber(0), args: kind('a list of bigints', isListOfBigints) };

function isListOfBigints(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'bigint');
}

/**
 * Throws an {@link InstructionError} for what is no instruction: it says which field of which one is wrong, and what
 * belongs there. What is right costs little: programs ask for each instruction that they yield. `which`: its number in
 * a list.
 */
export function checkInstruction(one: Instruction, which?: number): void {
  if (!isRight(one)) throw wrong(one, which);
}

/** Looks at everything, and names nothing. */
function isRight(one: Instruction): boolean {
  if (typeof one !== 'object' || one === null) return false;
  if (typeof one.pc !== 'bigint' || !isSize(one.length)) return false;
  for (const name in one) {
    switch (name) {
      case 'pc':
      case 'length':
        break;
      case 'accesses':
        if (one.accesses !== undefined && !areRight(one.accesses)) return false;
        break;
      case 'registers':
        if (one.registers !== undefined && !areBigints(one.registers)) return false;
        break;
      default:
        if (!isRightField(name, one[name as keyof Instruction])) return false;
    }
  }
  return true;
}

const isSize = (value: unknown): boolean => typeof value === 'number' && value >= 1 && Number.isSafeInteger(value);

function areRight(accesses: readonly Access[]): boolean {
  if (!Array.isArray(accesses)) return false;
  for (const access of accesses) if (!isRightAccess(access)) return false;
  return true;
}

function isRightAccess(access: Access): boolean {
  if (typeof access !== 'object' || access === null) return false;
  const { kind: how } = access;
  if (how !== 'read' && how !== 'write' && how !== 'readwrite') return false;
  if (typeof access.address !== 'bigint' || !isSize(access.size)) return false;
  for (const name in access) {
    switch (name) {
      case 'kind':
      case 'address':
      case 'size':
        break;
      case 'value':
        if (typeof access.value === 'bigint' || access.value === undefined) break;
        if (typeof access.value !== 'function' || how !== 'readwrite' || access.space === 'port') return false;
        break;
      default:
        if (!Object.hasOwn(ACCESS_FIELDS, name)) return false;
        if (!isOf(ACCESS_FIELDS[name as keyof Access], access[name as keyof Access])) return false;
    }
  }
  return access.exclusive !== true || (how !== 'readwrite' && access.space !== 'port');
}

function areBigints(registers: Readonly<Record<string, bigint>>): boolean {
  if (typeof registers !== 'object' || registers === null) return false;
  for (const name in registers) if (typeof registers[name] !== 'bigint') return false;
  return true;
}

const isOf = ({ is }: Kind, value: unknown): boolean => value === undefined || is(value);

function isRightField(name: string, value: unknown): boolean {
  const known = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof Instruction] : undefined;
  if (known === undefined || !isOf(known, value)) return false;
  if (name === 'control' && value !== undefined)
    return fault('control', value as object, CONTROL_FIELDS, ['register']) === undefined;
  if (name !== 'hypercall' || value === undefined) return true;
  return fault('hypercall', value as object, HYPERCALL_FIELDS, ['number', 'args']) === undefined;
}

/** Which instruction it is, for people. */
function nameOf(one: Partial<Instruction>, which: number | undefined): string {
  const number = which === undefined ? 'an instruction' : `instruction ${which}`;
  return typeof one.pc === 'bigint' ? `${number} at ${hex(one.pc)}` : number;
}

function wrong(one: unknown, which: number | undefined): InstructionError {
  if (typeof one !== 'object' || one === null) {
    const write = 'write { pc: 0x1000n, length: 4 }';
    return new InstructionError(
      `${nameOf({}, which)} is an object with its address and length, got ${shown(one)}: ${write}`,
    );
  }
  return new InstructionError(`${nameOf(one, which)}: ${whatIsWrong(one)}`);
}

function whatIsWrong(one: Partial<Instruction>): string {
  const { accesses = [], registers = {}, control, hypercall } = one;
  const first = fault('', one, FIELDS, ['pc', 'length']);
  if (first !== undefined) return first;
  for (const [index, access] of accesses.entries()) {
    const name = `accesses[${index}]`;
    if (typeof access !== 'object' || access === null) return `${name} is an access, got ${shown(access)}`;
    const found = fault(name, access, ACCESS_FIELDS, ['kind', 'address', 'size']);
    if (found !== undefined) return found;
    if (typeof access.value === 'function') {
      return `${name}.value is a function: that takes kind 'readwrite', and memory, got ${shown(access.kind)} of ${access.space ?? 'memory'}`;
    }
    if (!isRightAccess(access)) {
      return `${name}.exclusive: that is a read or a write of memory, got ${access.kind} of ${access.space ?? 'memory'}`;
    }
  }
  for (const [name, value] of Object.entries(registers)) {
    if (typeof value !== 'bigint') return got(`registers.${name}`, BIGINT, value);
  }
  const found = control && fault('control', control, CONTROL_FIELDS, ['register']);
  return found ?? (hypercall && fault('hypercall', hypercall, HYPERCALL_FIELDS, ['number', 'args'])) ?? 'it is wrong';
}

/** What is wrong with the fields of an object; `undefined`: nothing. */
function fault(
  owner: string,
  object: object,
  kinds: Readonly<Record<string, Kind>>,
  required: readonly string[] = [],
): string | undefined {
  const path = (name: string): string => (owner === '' ? name : `${owner}.${name}`);
  for (const [name, value] of Object.entries(object)) {
    const known = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (known === undefined) return `there is no field ${path(name)}; there are: ${Object.keys(kinds).join(', ')}`;
    if (!isOf(known, value)) return got(path(name), known, value);
  }
  const missing = required.find((name) => (object as Readonly<Record<string, unknown>>)[name] === undefined);
  return missing === undefined ? undefined : got(path(missing), kinds[missing] as Kind, undefined);
}

function got(name: string, { what }: Kind, value: unknown): string {
  const hint = typeof value === 'number' && what.includes('bigint') ? `: write ${value}n` : '';
  return `${name} is ${what}, got ${shown(value)}${hint}`;
}
