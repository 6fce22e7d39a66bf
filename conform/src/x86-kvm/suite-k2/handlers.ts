import { type GuestVectors, VECTOR } from '../guest/exceptions.js';
import type { ProgramCode } from '../guest/guest-software.js';
import { HANDLERS, INTERRUPTS, layoutOf } from './guest-layout.js';
import type { GuestText } from './guest-text.js';
import { parseInstruction } from './instruction-set.js';

/** Instructions whose operand is an address, which the handlers of a further virtual CPU have moved. */
const ADDRESSED = /^(st_a|ld_a|inc|st_w|jmp|loop):/;

function moved(text: string, offset: bigint): string {
  if (!ADDRESSED.test(text)) return text;
  const [name, address = '0'] = text.split(':');
  return `${name}:${BigInt(address) + offset}`;
}

/** Loads the handlers of one virtual CPU; `onDebug`: that of #DB, as scripts have it for virtual CPU 0. */
export function loadHandlers(text: GuestText, vcpu: number, real: boolean, onDebug: ProgramCode): void {
  const { handlers } = layoutOf(vcpu);
  const offset = handlers - layoutOf(0).handlers;
  const place = (at: bigint, code: readonly string[]): void => {
    let pc = at;
    for (const one of code) {
      const instruction = parseInstruction(one, real, 0n);
      text.set(pc, instruction);
      pc += BigInt(instruction.length);
    }
  };
  for (const [address, code] of onDebug) {
    text.set(address + offset, parseInstruction(moved(code, offset), real, 0n));
  }
  for (const handler of Object.values(HANDLERS)) {
    const at = handlers + handler.offset;
    if ('code' in handler) place(at, handler.code);
    else place(at, [`out:${handler.port}`, 'hlt', `jmp:${at + 2n}`]);
  }
}

/** Where one virtual CPU takes its exceptions. */
export function vectorsOf(vcpu: number): GuestVectors {
  const { handlers, kernelStack } = layoutOf(vcpu);
  const offsets = new Map<number, bigint>([
    [VECTOR.debug, 0n],
    [VECTOR.breakpoint, HANDLERS.breakpoint.offset],
    [VECTOR.undefined, HANDLERS.undefined.offset],
    [VECTOR.protection, HANDLERS.protection.offset],
    [VECTOR.doubleFault, HANDLERS.doubleFault.offset],
  ]);
  const { first, last } = INTERRUPTS;
  return {
    kernelStack,
    handler: (vector) => {
      const other = vector >= first && vector <= last ? HANDLERS.interrupt.offset : HANDLERS.others.offset;
      return handlers + (offsets.get(vector) ?? other);
    },
  };
}
