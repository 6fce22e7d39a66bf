import { MESSAGES } from '../messages.js';
import { Refusal } from '../refusal.js';
import { digits } from '../text/hex.js';
import { type Command, type Desk, required, wordOf } from './command.js';

/** Bytes in a line of a dump, in a dump that does not say, and in the longest one. */
const LINE = 16;
const DUMP = 64;
const MOST = 0x1_0000n;
/** Values that `m` writes at once. */
const MOST_VALUES = 256;

/** Memory as the CPU that is shown sees it; reading maps nothing. */
function memoryOf({ parts: { machine }, cpu }: Desk, address: bigint) {
  return machine.memoryAt(machine.upcoming(cpu), address);
}

function isLittle({ parts }: Desk): boolean {
  return parts.manifest.byteOrder === 'little';
}

function numberOf(desk: Desk, bytes: Uint8Array): bigint {
  const ordered = isLittle(desk) ? bytes.toReversed() : bytes;
  return ordered.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bytesOf(desk: Desk, value: bigint, size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return isLittle(desk) ? bytes : bytes.toReversed();
}

/** The unit that a command's name ends with: `d4`. */
function unitOf(name: string): number {
  return Number(name.slice(1) || 1);
}

function lineOf(desk: Desk, address: bigint, bytes: Uint8Array, unit: number): string {
  const values: string[] = [];
  for (let i = 0; i + unit <= bytes.length; i += unit) {
    values.push(digits(numberOf(desk, bytes.subarray(i, i + unit)), unit));
  }
  const text = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  const width = (LINE / unit) * (2 * unit + 1) - 1;
  return `${digits(address, wordOf(desk))}  ${values.join(' ').padEnd(width)}  |${text}|`;
}

function dump(desk: Desk, address: bigint, size: number, unit: number): string[] {
  const lines: string[] = [];
  for (let done = 0; done < size; done += LINE) {
    const from = BigInt.asUintN(64, address + BigInt(done));
    const wanted = Math.min(LINE, size - done);
    const bytes = memoryOf(desk, from).peek(from, wanted);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % unit));
    if (whole.length > 0) lines.push(lineOf(desk, from, whole, unit));
    if (bytes.length === wanted) continue;
    lines.push(`${digits(from + BigInt(bytes.length), wordOf(desk))}  nothing is mapped here`);
    break;
  }
  return lines;
}

export const D: Command = {
  names: ['d', 'd1', 'd2', 'd4', 'd8'],
  usage: 'd[1|2|4|8] ADDR [BYTES]',
  help: 'dump memory, in bytes or in larger values; an empty line goes on',
  run(desk, args, name) {
    const address = required(args.address(), 'an address');
    const asked = args.number('number of bytes') ?? BigInt(DUMP);
    args.end();
    if (asked > MOST) throw new Refusal(`at most ${MOST.toString(16)} bytes (hexadecimal) at once`);
    const unit = unitOf(name);
    const size = Math.ceil(Number(asked) / unit) * unit;
    desk.repeat = `${name} ${BigInt.asUintN(64, address + BigInt(size)).toString(16)} ${size.toString(16)}`;
    return dump(desk, address, size, unit).join('\n');
  },
};

export const M: Command = {
  names: ['m', 'm1', 'm2', 'm4', 'm8'],
  usage: 'm[1|2|4|8] ADDR VALUE...',
  help: 'change memory, in bytes or in larger values',
  run(desk, args, name) {
    if (desk.readOnly) throw new Refusal(MESSAGES.READ_ONLY);
    const address = required(args.address(), 'an address');
    const unit = unitOf(name);
    const values: Uint8Array[] = [];
    while (!args.done) {
      const value = required(args.number('value'), 'a value');
      if (value >> BigInt(8 * unit) !== 0n) throw new Refusal(`${value.toString(16)} has more than ${unit} bytes`);
      values.push(bytesOf(desk, value, unit));
    }
    if (values.length === 0) throw new Refusal('a value is missing: type ? for help');
    if (values.length > MOST_VALUES) throw new Refusal(`at most ${MOST_VALUES} values at once`);
    return change(desk, address, values);
  },
};

/** All or nothing. What is there already changes nothing. */
function change(desk: Desk, address: bigint, values: readonly Uint8Array[]): string {
  const bytes = Uint8Array.from(values.flatMap((value) => [...value]));
  const memory = memoryOf(desk, address);
  const before = memory.peek(address, bytes.length);
  if (before.length < bytes.length) {
    throw new Refusal(`${digits(address + BigInt(before.length), wordOf(desk))}  nothing is mapped here`);
  }
  if (before.some((byte, i) => byte !== bytes[i])) {
    memory.write(address, bytes, { force: true });
    desk.parts.machine.depart(`xmon wrote ${bytes.length} bytes at 0x${address.toString(16)}`);
  }
  let at = 0;
  return values
    .map((value) => {
      const from = digits(address + BigInt(at), wordOf(desk));
      const old = numberOf(desk, before.subarray(at, at + value.length));
      at += value.length;
      return `${from}: ${digits(old, value.length)} -> ${digits(numberOf(desk, value), value.length)}`;
    })
    .join('\n');
}
