import type { VcpuExit } from '@hwbp/kvm';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import type { Results } from '../player/results.js';
import { FLAG_IF, FLAG_RF, FLAG_TF } from './guest/guest-flags.js';
import { layoutOf, RECORD } from './guest-layout.js';
import type { PlayedVcpu, PlayedVm } from './kvm-play.js';

const TOLD_FLAGS = FLAG_TF | FLAG_IF | FLAG_RF;

/** RFLAGS as transcripts have them. */
export const showFlags = (flags: bigint): Value => hexValue(flags & TOLD_FLAGS);

/** RIP and RFLAGS as KVM_GET_REGS has them. */
export function showRegs({ vcpu, debug, guest }: PlayedVcpu): Results {
  const { rip, tf, rf } = debug.getRegs(vcpu.cpu);
  const flags = guest.cpu.flags | (tf ? FLAG_TF : 0n) | (rf ? FLAG_RF : 0n);
  return { rip: hexValue(rip), flags: showFlags(flags) };
}

/** Why KVM_RUN came back. */
export function showExit(exit: VcpuExit): Results {
  switch (exit.reason) {
    case 'io':
      return { exit: 'io', dir: exit.direction, port: hexValue(BigInt(exit.port)) };
    case 'mmio':
      return { exit: 'mmio', dir: exit.direction, addr: hexValue(exit.address), len: exit.size };
    case 'debug': {
      const { cause, pc, registers } = exit;
      if (cause === 'software') return { exit: 'debug', exception: 3, pc: hexValue(pc) };
      const { dr6 = 0n, dr7 = 0n } = registers;
      return { exit: 'debug', exception: 1, pc: hexValue(pc), dr6: hexValue(dr6), dr7: hexValue(dr7) };
    }
    default:
      return { exit: exit.reason.replaceAll(' ', '_') };
  }
}

/** What the #DB handler has recorded since it was last asked; nothing if it did not run. */
export function takeRecord({ software }: PlayedVm, { index }: PlayedVcpu): Results {
  const { memory, wordSize, real, records } = software;
  const { record } = layoutOf(index);
  const word = (offset: bigint): bigint => memory.readInteger(record + offset, wordSize);
  const n = Number(word(RECORD.count));
  if (n === 0) return {};
  memory.writeInteger(record + RECORD.count, wordSize, 0n);
  return {
    db: {
      n,
      rip: hexValue(word(RECORD.rip)),
      ...(real ? {} : { flags: showFlags(word(RECORD.flags)) }),
      ...(records ? { dr6: hexValue(word(RECORD.dr6)), dr7: hexValue(word(RECORD.dr7)) } : {}),
    },
  };
}

/** What the program has saved, if that has changed since it was last told. */
export function takeSaved({ software }: PlayedVm, vcpu: PlayedVcpu): Results {
  const { memory, wordSize } = software;
  const { results } = layoutOf(vcpu.index);
  const saved = Array.from({ length: vcpu.saves }, (_, i) =>
    hexValue(memory.readInteger(results + BigInt(8 * i), wordSize)),
  );
  if (saved.every((value, i) => value === vcpu.told[i])) return {};
  vcpu.told = saved;
  return { got: saved };
}
