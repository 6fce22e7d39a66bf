import { type Access, type Instruction, type Loaded, NEUTRAL_ROLES, type RegisterRoles, type Task } from '@hwbp/core';
import type { Random } from '../../random.js';

/*
 * Random routines, and what they do by a model of its own: bigints, one description after the other. Nothing of it
 * comes from the assembly that it is compared with.
 */

export const TEXT = 0x40_0000n;
export const DATA = 0x50_0000n;
/** Two pages of data, of which the stack is the end; behind them one that cannot be stored to, and nothing. */
export const PAGES = 2;
const REGISTERS = [...NEUTRAL_ROLES.general, ...NEUTRAL_ROLES.args, 'nr', 'sp'];
const WIDTHS = ['u64', 'u8', 'u16', 'u32', 'i8', 'i16', 'i32'] as const;
type Width = (typeof WIDTHS)[number];

/** A register's number, or a value. */
type Operand = { readonly register: number } | { readonly value: bigint };
interface Memory {
  readonly base?: number;
  readonly offset: bigint;
}

type Target = { readonly label: number } | { readonly register: number };

/** One instruction of a routine. */
export type Step =
  | { readonly is: 'compute'; readonly name: string; readonly to: number; readonly a: number; readonly b: Operand }
  | { readonly is: 'mov'; readonly to: number; readonly a: Operand }
  | { readonly is: 'load'; readonly to: number; readonly from: Memory; readonly width: Width }
  | { readonly is: 'store'; readonly into: Memory; readonly a: Operand; readonly width: Width }
  | {
      readonly is: 'atomic';
      readonly name: string;
      readonly to: number;
      readonly at: Memory;
      readonly a: Operand;
      readonly width: Width;
    }
  | { readonly is: 'branch'; readonly name: string; readonly a: number; readonly b: Operand; readonly label: number }
  | { readonly is: 'jmp' | 'call'; readonly target: Target }
  | { readonly is: 'push'; readonly a: Operand }
  | { readonly is: 'pop'; readonly to: number }
  | { readonly is: 'ret' | 'nop' | 'fence' | 'halt' | 'exit' }
  | { readonly is: 'in'; readonly to: number; readonly port: bigint; readonly width: Width }
  | { readonly is: 'out'; readonly port: bigint; readonly a: Operand; readonly width: Width };

const COMPUTE = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr', 'sar', 'div', 'rem'] as const;
const BRANCHES = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'] as const;
const SIZES: Readonly<Record<Width, number>> = { u64: 8, u8: 1, u16: 2, u32: 4, i8: 1, i16: 2, i32: 4 };
/** Values at which carries, signs and halves show. */
const CORNERS = [
  0n,
  1n,
  2n,
  31n,
  32n,
  33n,
  63n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 32n,
  1n << 63n,
  (1n << 64n) - 1n,
];

const register = (random: Random): number => random.below(6);
const value = (random: Random): bigint => (random.once(2) ? random.pick(CORNERS) : BigInt(random.below(256)));
const operand = (random: Random): Operand =>
  random.once(2) ? { register: register(random) } : { value: value(random) };

/**
 * Mostly somewhere in the data, now and then over the border of pages, where nothing can be stored, or where nothing
 * is.
 */
function memory(random: Random, pageSize: number): Memory {
  const places = [
    8 * random.below(6),
    random.below(64),
    pageSize - 4,
    pageSize + 8,
    PAGES * pageSize - 2,
    PAGES * pageSize + 16,
  ];
  const offset = DATA + BigInt(random.once(12) ? random.pick(places) : random.pick(places.slice(0, 4)));
  return random.once(3) ? { base: 7, offset: offset + 0x100n } : { offset };
}

function randomStep(random: Random, count: number, pageSize: number): Step {
  const width = random.once(2) ? 'u64' : random.pick(WIDTHS);
  const at = (): Memory => memory(random, pageSize);
  const to = register(random);
  const a = operand(random);
  const label = random.below(count);
  switch (random.below(22)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { is: 'compute', name: random.pick(COMPUTE), to, a: register(random), b: a };
    case 4:
    case 5:
      return { is: 'mov', to, a };
    case 6:
    case 7:
    case 8:
      return { is: 'load', to, from: at(), width };
    case 9:
    case 10:
    case 11:
      return { is: 'store', into: at(), a, width };
    case 12:
    case 13:
      return { is: 'atomic', name: random.pick(['xchg', 'xadd', 'cas']), to, at: at(), a, width };
    case 14:
    case 15:
      return { is: 'branch', name: random.pick(BRANCHES), a: to, b: a, label };
    case 16:
      return { is: random.pick(['jmp', 'call', 'call'] as const), target: { label } };
    case 17:
      return { is: 'push', a };
    case 18:
      return { is: 'pop', to };
    case 19:
      return { is: random.pick(['nop', 'fence', 'halt', 'ret'] as const) };
    case 20:
      if (random.once(4)) return { is: random.pick(['jmp', 'call'] as const), target: { register: 6 } };
      return { is: random.pick(['nop', 'fence'] as const) };
    default:
      if (random.once(2)) return { is: 'in', to, port: 0x3f8n, width };
      return { is: 'out', port: 0x3f8n, a, width };
  }
}

/** A routine that ends somewhere, goes round, or faults. r6 has the address of an instruction, r7 is -0x100. */
export function randomRoutine(random: Random, pageSize: number): readonly Step[] {
  const count = 8 + random.below(24);
  const steps = Array.from({ length: count }, () => randomStep(random, count + 7, pageSize));
  const entry = TEXT + BigInt(4 * (2 + random.below(count)));
  return [
    { is: 'mov', to: 6, a: { value: random.once(6) ? 0x1234n : entry } },
    { is: 'mov', to: 7, a: { value: -0x100n } },
    ...[0, 1, 2, 3].map((to): Step => ({ is: 'mov', to, a: { value: random.pick(CORNERS) } })),
    ...steps,
    random.once(3) ? { is: 'ret' } : { is: 'jmp', target: { label: random.below(count) } },
  ];
}

const hex = (number: bigint): string => `${number < 0n ? '-' : ''}0x${(number < 0n ? -number : number).toString(16)}`;
const shown = (one: Operand): string => ('register' in one ? (REGISTERS[one.register] as string) : hex(one.value));
const place = ({ base, offset }: Memory): string =>
  base === undefined ? `[${hex(offset)}]` : `[r${base}+${hex(offset)}]`;

function written(step: Step): string {
  switch (step.is) {
    case 'compute':
      return `${step.name} r${step.to}, r${step.a}, ${shown(step.b)}`;
    case 'mov':
      return `mov r${step.to}, ${shown(step.a)}`;
    case 'load':
      return `load.${step.width} r${step.to}, ${place(step.from)}`;
    case 'store':
      return `store.${step.width} ${place(step.into)}, ${shown(step.a)}`;
    case 'atomic':
      return `${step.name}.${step.width} r${step.to}, ${place(step.at)}, ${shown(step.a)}`;
    case 'branch':
      return `${step.name} r${step.a}, ${shown(step.b)}, l${step.label}`;
    case 'jmp':
    case 'call':
      return `${step.is} ${'label' in step.target ? `l${step.target.label}` : `r${step.target.register}`}`;
    case 'push':
      return `push ${shown(step.a)}`;
    case 'pop':
      return `pop r${step.to}`;
    case 'in':
      return `in.${step.width} r${step.to}, ${hex(step.port)}`;
    case 'out':
      return `out.${step.width} ${hex(step.port)}, ${shown(step.a)}`;
    default:
      return step.is;
  }
}

/** The routine as text. */
export function textOf(steps: readonly Step[]): string {
  return steps.map((step, index) => `l${index}: ${written(step)}`).join('\n');
}

const unsigned = (number: bigint): bigint => BigInt.asUintN(64, number);
const signed = (number: bigint): bigint => BigInt.asIntN(64, number);

function computed(name: string, a: bigint, b: bigint): bigint {
  switch (name) {
    case 'add':
      return unsigned(a + b);
    case 'sub':
      return unsigned(a - b);
    case 'mul':
      return unsigned(a * b);
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shl':
      return unsigned(a << (b % 64n));
    case 'shr':
      return a >> (b % 64n);
    case 'sar':
      return unsigned(signed(a) >> (b % 64n));
    case 'div':
      return b === 0n ? unsigned(-1n) : a / b;
    default:
      return b === 0n ? a : a % b;
  }
}

function taken(name: string, a: bigint, b: bigint): boolean {
  const wide = name.endsWith('u');
  const [x, y] = wide ? [a, b] : [signed(a), signed(b)];
  if (name === 'beq') return a === b;
  if (name === 'bne') return a !== b;
  return name.startsWith('blt') ? x < y : x >= y;
}

/** What the architecture calls the registers, by their numbers. */
export function registerNames({ general, args, number, stack }: RegisterRoles): readonly string[] {
  return [...general, ...args, number, stack];
}

/** The routine as plain descriptions, with the registers of a task. */
export function* describedBy(
  steps: readonly Step[],
  task: () => Task,
  roles: RegisterRoles,
): Generator<Instruction, void, Loaded> {
  const names = registerNames(roles);
  const name = (number: number): string => names[number] as string;
  const sp = name(15);
  let at = 0;
  let outside = 0n;
  for (;;) {
    const step = steps[at];
    if (step === undefined) throw new Error('the routine has been left');
    const { context } = task();
    const get = (number: number): bigint => context.get(name(number));
    const of = (one: Operand): bigint => ('register' in one ? get(one.register) : one.value);
    const plain = { pc: TEXT + BigInt(4 * at), length: 4 };
    const access = (kind: Access['kind'], { base, offset }: Memory, width: Width, more: Partial<Access>): Access => ({
      kind,
      address: unsigned((base === undefined ? 0n : get(base)) + offset),
      size: SIZES[width],
      ...more,
    });
    const loads = (to: number, width: Width): Partial<Access> => ({
      into: name(to),
      ...(width.startsWith('i') ? { signed: true } : {}),
    });
    const addressOf = (target: Target): bigint =>
      'label' in target ? TEXT + BigInt(4 * target.label) : get(target.register);
    const goTo = (address: bigint): number => {
      outside = address;
      return Number(BigInt.asIntN(64, address - TEXT)) / 4;
    };
    let next = at + 1;
    switch (step.is) {
      case 'compute':
        yield { ...plain, registers: { [name(step.to)]: computed(step.name, get(step.a), of(step.b)) } };
        break;
      case 'mov':
        yield { ...plain, registers: { [name(step.to)]: unsigned(of(step.a)) } };
        break;
      case 'load':
        yield { ...plain, accesses: [access('read', step.from, step.width, loads(step.to, step.width))] };
        break;
      case 'store':
        yield { ...plain, accesses: [access('write', step.into, step.width, { value: of(step.a) })] };
        break;
      case 'atomic': {
        const by = of(step.a);
        const expected = BigInt.asUintN(8 * SIZES[step.width], get(step.to));
        const stored = {
          xchg: () => by,
          xadd: (old: bigint) => old + by,
          cas: (old: bigint) => (old === expected ? by : old),
        };
        const stores = stored[step.name as 'cas'];
        yield {
          ...plain,
          accesses: [access('readwrite', step.at, step.width, { ...loads(step.to, step.width), value: stores })],
        };
        break;
      }
      case 'branch':
        if (taken(step.name, get(step.a), of(step.b))) next = step.label;
        yield { ...plain, next: TEXT + BigInt(4 * next) };
        break;
      case 'jmp': {
        const to = addressOf(step.target);
        yield { ...plain, next: to };
        next = goTo(to);
        break;
      }
      case 'call': {
        const to = addressOf(step.target);
        const top = unsigned(context.get(sp) - 8n);
        const pushed: Access = { kind: 'write', address: top, size: 8, value: TEXT + BigInt(4 * (at + 1)) };
        yield { ...plain, accesses: [pushed], registers: { [sp]: top }, next: to };
        next = goTo(to);
        break;
      }
      case 'ret': {
        const top = context.get(sp);
        const popped: Access = { kind: 'read', address: top, size: 8 };
        const [to = 0n] = yield {
          ...plain,
          accesses: [popped],
          registers: { [sp]: unsigned(top + 8n) },
          next: 'loaded',
        };
        if (to === 0n) return;
        next = goTo(to);
        break;
      }
      case 'push': {
        const top = unsigned(context.get(sp) - 8n);
        const pushed: Access = { kind: 'write', address: top, size: 8, value: of(step.a) };
        yield { ...plain, accesses: [pushed], registers: { [sp]: top } };
        break;
      }
      case 'pop': {
        const top = context.get(sp);
        const popped: Access = { kind: 'read', address: top, size: 8, into: name(step.to) };
        yield { ...plain, accesses: [popped], registers: { [sp]: unsigned(top + 8n) } };
        break;
      }
      case 'halt':
        yield { ...plain, operation: 'halt' };
        break;
      case 'exit':
        yield plain;
        return;
      case 'in':
        yield {
          ...plain,
          accesses: [
            { kind: 'read', space: 'port', address: step.port, size: SIZES[step.width], ...loads(step.to, step.width) },
          ],
        };
        break;
      case 'out':
        yield {
          ...plain,
          accesses: [{ kind: 'write', space: 'port', address: step.port, size: SIZES[step.width], value: of(step.a) }],
        };
        break;
      default:
        yield plain;
    }
    at = next;
    if (Number.isInteger(at) && at >= 0 && at < steps.length) continue;
    // Nothing can be executed there: as if no page allowed it.
    const pc = outside;
    for (;;) yield { pc, length: 4, accesses: [{ kind: 'read', address: pc, size: 1 }] };
  }
}
