import type { VcpuExit } from '@hwbp/kvm';
import { hexValue } from '../../format/hex.js';
import type { Value } from '../../format/script.js';
import type { Results } from '../../player/results.js';
import { FLAG_IF, FLAG_RF, FLAG_TF } from '../guest/guest-flags.js';
import type { PlayedVcpu } from '../kvm-play.js';
import type { K2Vm } from './k2-plays.js';

const TOLD_FLAGS = FLAG_TF | FLAG_IF | FLAG_RF;

/** RFLAGS as transcripts have them. */
const showFlags = (flags: bigint): Value => hexValue(flags & TOLD_FLAGS);

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
export function takeRecord({ software }: K2Vm, vcpu: number): Results {
  const record = software.takeRecord(vcpu);
  if (record === undefined) return {};
  const { n, rip, flags, dr6, dr7 } = record;
  return {
    db: {
      n,
      rip: hexValue(rip),
      ...(flags === undefined ? {} : { flags: showFlags(flags) }),
      ...(dr6 === undefined ? {} : { dr6: hexValue(dr6) }),
      ...(dr7 === undefined ? {} : { dr7: hexValue(dr7) }),
    },
  };
}

/** What the program has saved, if that has changed since it was last told. */
export function takeSaved({ software }: K2Vm, vcpu: number): Results {
  const saved = software.takeSaved(vcpu);
  return saved === undefined ? {} : { got: saved.map(hexValue) };
}
