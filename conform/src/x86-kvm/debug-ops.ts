import {
  KVM_GUESTDBG_BLOCKIRQ,
  KVM_GUESTDBG_ENABLE,
  KVM_GUESTDBG_INJECT_BP,
  KVM_GUESTDBG_INJECT_DB,
  KVM_GUESTDBG_SINGLESTEP,
  KVM_GUESTDBG_USE_HW_BP,
  KVM_GUESTDBG_USE_SW_BP,
} from '@hwbp/arch-x86';
import { StepError, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step, Value } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import { attempt, type Results } from '../player/results.js';
import type { GuestSoftware, ProgramCode } from './guest/guest-software.js';
import type { PlayedVcpu, Plays } from './kvm-play.js';

const DEBUG_REGISTERS = 8;
const CONTROL_BITS: Readonly<Record<string, number>> = {
  enable: KVM_GUESTDBG_ENABLE,
  singlestep: KVM_GUESTDBG_SINGLESTEP,
  use_sw_bp: KVM_GUESTDBG_USE_SW_BP,
  use_hw_bp: KVM_GUESTDBG_USE_HW_BP,
  inject_db: KVM_GUESTDBG_INJECT_DB,
  inject_bp: KVM_GUESTDBG_INJECT_BP,
  blockirq: KVM_GUESTDBG_BLOCKIRQ,
};

/** A 64-bit value; 0, or `fallback`, where it is absent. */
export const wordOr = (step: Step, name: string, fallback = 0n): bigint =>
  step[name] === undefined ? fallback : wordArgument(step, name);

/** A list of addresses with what stands there. */
export function codeArgument(step: Step, name: string): ProgramCode {
  const list = step[name];
  if (!Array.isArray(list)) throw new StepError(`op ${step.op}: ${name} is a list of [address, instruction]`);
  return (list as readonly Value[]).map((entry) => {
    const [address, text] = Array.isArray(entry) ? (entry as readonly Value[]) : [];
    if (typeof text !== 'string') throw new StepError(`op ${step.op}: ${name} is a list of [address, instruction]`);
    return [wordArgument({ op: step.op, [name]: address ?? null }, name), text] as const;
  });
}

/** Names of bits; `control`, where it is there, is the whole value. */
function controlArgument(step: Step): number {
  if (step.control !== undefined) return Number(wordArgument(step, 'control'));
  const { on = [] } = step;
  if (!Array.isArray(on)) throw new StepError(`op ${step.op}: on is a list of names`);
  let control = 0;
  for (const name of on as readonly Value[]) {
    const bit = typeof name === 'string' && Object.hasOwn(CONTROL_BITS, name) ? CONTROL_BITS[name] : undefined;
    if (bit === undefined) throw new StepError(`op ${step.op}: there is no '${String(name)}'`);
    control |= bit;
  }
  return control;
}

function setDebugRegs({ debug }: PlayedVcpu, step: Step): Results {
  const db = [0, 1, 2, 3].map((i) => wordOr(step, `db${i}`));
  const registers = { db, dr6: wordOr(step, 'dr6'), dr7: wordOr(step, 'dr7'), flags: wordOr(step, 'flags') };
  return attempt(() => void debug.setDebugRegs(registers));
}

function setGuestDebug({ debug, vcpu }: PlayedVcpu, step: Step): Results {
  const registers = Array.from({ length: DEBUG_REGISTERS }, (_, i) => wordOr(step, `dr${i}`));
  const control = controlArgument(step);
  return attempt(() => void debug.setGuestDebug(vcpu.cpu, control, registers));
}

/** KVM_GET_DEBUGREGS, as transcripts have it. */
export function showDebugRegs({ debug }: PlayedVcpu): Value {
  const { db, dr6, dr7 } = debug.getDebugRegs();
  return [...db, dr6, dr7].map(hexValue);
}

/** Ops on the debug registers of virtual CPUs. */
export function debugOps<S extends GuestSoftware>(plays: Plays<S>): Ops {
  return {
    set_debugregs: (stage, step) => setDebugRegs(plays.of(stage).vcpu(step), step),
    guest_debug: (stage, step) => setGuestDebug(plays.of(stage).vcpu(step), step),
  };
}
