import {
  KVM_GUESTDBG_BLOCKIRQ,
  KVM_GUESTDBG_ENABLE,
  KVM_GUESTDBG_INJECT_BP,
  KVM_GUESTDBG_INJECT_DB,
  KVM_GUESTDBG_SINGLESTEP,
  KVM_GUESTDBG_USE_HW_BP,
  KVM_GUESTDBG_USE_SW_BP,
} from '@hwbp/arch-x86';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step, Value } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import { RECORDER_TEXT } from '../player/recorder-task.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';
import type { GuestMode } from './guest/guest-cpu.js';
import { FLAG_RF, FLAG_TF } from './guest/guest-flags.js';
import type { ProgramCode } from './guest/recorded-guest.js';
import { KvmPlay } from './kvm-play.js';
import { showRegs } from './run-results.js';

const U32 = 0xffff_ffff;
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
const MODES: readonly string[] = ['real', 'k64', 'u64'] satisfies readonly GuestMode[];

const wordOr = (step: Step, name: string, fallback = 0n): bigint =>
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
export function controlArgument(step: Step): number {
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

function vm(stage: Stage, step: Step): Results {
  const mode = textArgument(step, 'mode');
  if (!MODES.includes(mode)) throw new StepError(`op vm: there is no mode '${mode}': ${MODES.join(', ')}`);
  const cpus = countArgument(step, 'vcpus', 2, 1);
  KvmPlay.of(stage).createVm(mode as GuestMode, cpus, codeArgument(step, 'db_handler'), step.payload === 1);
  return {};
}

/** Finishes what is open, then loads a program and starts it anew. */
function guest(stage: Stage, step: Step): Results {
  const play = KvmPlay.of(stage);
  const played = play.vcpu(step);
  const { vcpu, index } = played;
  const open = vcpu.exit?.reason;
  if (open === 'io' || open === 'mmio') {
    stage.self.execute({ pc: RECORDER_TEXT, length: 2, syscall: vcpu.run({ immediateExit: true }) });
  }
  played.saves = play.vm?.software.load(index, codeArgument(step, 'code')) ?? 0;
  played.told = Array.from({ length: played.saves }, () => hexValue(0n));
  play.restart(played);
  return {};
}

function setDebugRegs(stage: Stage, step: Step): Results {
  const { debug } = KvmPlay.of(stage).vcpu(step);
  const db = [0, 1, 2, 3].map((i) => wordOr(step, `db${i}`));
  const registers = { db, dr6: wordOr(step, 'dr6'), dr7: wordOr(step, 'dr7'), flags: wordOr(step, 'flags') };
  return attempt(() => void debug.setDebugRegs(registers));
}

function guestDebug(stage: Stage, step: Step): Results {
  const { debug, vcpu } = KvmPlay.of(stage).vcpu(step);
  const registers = Array.from({ length: DEBUG_REGISTERS }, (_, i) => wordOr(step, `dr${i}`));
  const control = controlArgument(step);
  return attempt(() => void debug.setGuestDebug(vcpu.cpu, control, registers));
}

function setRegs(stage: Stage, step: Step): Results {
  const { debug, vcpu, guest: bare } = KvmPlay.of(stage).vcpu(step);
  return attempt(() => {
    const { rip, tf, rf } = debug.getRegs(vcpu.cpu);
    const before = bare.cpu.flags | (tf ? FLAG_TF : 0n) | (rf ? FLAG_RF : 0n);
    const flags = (before | wordOr(step, 'set')) & ~wordOr(step, 'clear');
    bare.cpu.flags = flags;
    const set = { rip: wordOr(step, 'rip', rip), tf: (flags & FLAG_TF) !== 0n, rf: (flags & FLAG_RF) !== 0n };
    debug.setRegs(vcpu.cpu, set);
    return {};
  });
}

function getEvents(stage: Stage, step: Step): Results {
  const play = KvmPlay.of(stage);
  const { debug } = play.vcpu(step);
  return attempt(() => {
    const { nr, injected, pending, payload } = debug.getEvents(play.vm?.payloads);
    return {
      injected: injected ? 1 : 0,
      pending: pending ? 1 : 0,
      ...(injected || pending ? { nr } : {}),
      ...(payload === undefined ? {} : { payload: hexValue(BigInt(payload)) }),
    };
  });
}

function setEvents(stage: Stage, step: Step): Results {
  const play = KvmPlay.of(stage);
  const { debug } = play.vcpu(step);
  const events = {
    nr: countArgument(step, 'nr', U32, 0),
    injected: step.injected === 1,
    pending: step.pending === 1,
    payload: step.payload === undefined ? undefined : Number(wordArgument(step, 'payload')),
  };
  return attempt(() => void debug.setEvents(events, play.vm?.payloads));
}

function interrupt(stage: Stage, step: Step): Results {
  const { vcpu } = KvmPlay.of(stage).vcpu(step);
  return attempt(() => vcpu.cpu.interrupts.raise(Number(wordArgument(step, 'vector'))) as undefined);
}

function peekMemory(stage: Stage, step: Step): Results {
  const { vm: played } = KvmPlay.of(stage);
  if (played === undefined) throw new StepError('op peek_mem: there is no virtual machine');
  return { val: hexValue(played.software.memory.readInteger(wordArgument(step, 'addr'), 8)) };
}

/** KVM_GET_DEBUGREGS of every virtual CPU. */
export function readGuestRegisters(stage: Stage): Results {
  const { vm: played } = KvmPlay.of(stage);
  if (played === undefined) return {};
  const registers: Results = {};
  for (const { index, debug } of played.vcpus) {
    const { db, dr6, dr7 } = debug.getDebugRegs();
    registers[`v${index}`] = [...db, dr6, dr7].map(hexValue);
  }
  return { debugregs: registers };
}

/** Ops on the virtual machine, but for those that run it. */
export const GUEST_OPS: Ops = {
  vm,
  guest,
  set_debugregs: setDebugRegs,
  guest_debug: guestDebug,
  set_regs: setRegs,
  get_regs: (stage, step) => showRegs(KvmPlay.of(stage).vcpu(step)),
  get_events: getEvents,
  set_events: setEvents,
  interrupt,
  peek_mem: peekMemory,
};
