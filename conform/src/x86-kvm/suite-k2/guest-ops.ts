import { countArgument, StepError, textArgument, wordArgument } from '../../format/arguments.js';
import { hexValue } from '../../format/hex.js';
import type { Step } from '../../format/script.js';
import type { Ops } from '../../player/recorded-architecture.js';
import { RECORDER_TEXT } from '../../player/recorder-task.js';
import { attempt, type Results } from '../../player/results.js';
import type { Stage } from '../../player/stage.js';
import { codeArgument, debugOps, showDebugRegs, wordOr } from '../debug-ops.js';
import type { GuestMode } from '../guest/guest-cpu.js';
import { FLAG_RF, FLAG_TF } from '../guest/guest-flags.js';
import { GUEST_MEMORY } from './guest-layout.js';
import { K2Guest } from './k2-guest.js';
import { K2_PLAYS } from './k2-plays.js';
import { showRegs } from './run-results.js';

const U32 = 0xffff_ffff;
const MODES: readonly string[] = ['real', 'k64', 'u64'] satisfies readonly GuestMode[];

function vm(stage: Stage, step: Step): Results {
  const mode = textArgument(step, 'mode');
  if (!MODES.includes(mode)) throw new StepError(`op vm: there is no mode '${mode}': ${MODES.join(', ')}`);
  const onDebug = codeArgument(step, 'db_handler');
  const payloads = step.payload === 1;
  K2_PLAYS.of(stage).createVm({
    cpus: countArgument(step, 'vcpus', 2, 1),
    memory: { frames: GUEST_MEMORY.frames, holes: [GUEST_MEMORY.hole] },
    software: (hardware, host) => new K2Guest(hardware, { mode: mode as GuestMode, onDebug, payloads }, host),
  });
  return {};
}

/** Finishes what is open, then loads a program and starts it anew. */
function guest(stage: Stage, step: Step): Results {
  const play = K2_PLAYS.of(stage);
  const { software } = play.requiredVm(step);
  const played = play.vcpu(step);
  const { vcpu, index } = played;
  const open = vcpu.exit?.reason;
  if (open === 'io' || open === 'mmio') {
    stage.self.execute({ pc: RECORDER_TEXT, length: 2, syscall: vcpu.run({ immediateExit: true }) });
  }
  software.load(index, codeArgument(step, 'code'));
  play.restart(played);
  return {};
}

function setRegs(stage: Stage, step: Step): Results {
  const { debug, vcpu, guest: bare } = K2_PLAYS.of(stage).vcpu(step);
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

/** KVM's name of what holds interrupts back behind STI. */
const SHADOW = 3;

function getEvents(stage: Stage, step: Step): Results {
  const play = K2_PLAYS.of(stage);
  const { debug, guest: bare } = play.vcpu(step);
  const { payloads } = play.requiredVm(step).software;
  return attempt(() => {
    const { nr, injected, pending, payload } = debug.getEvents(payloads);
    return {
      injected: injected ? 1 : 0,
      pending: pending ? 1 : 0,
      ...(injected || pending ? { nr } : {}),
      ...(payload === undefined ? {} : { payload: hexValue(BigInt(payload)) }),
      ...(bare.cpu.shadowed ? { shadow: SHADOW } : {}),
    };
  });
}

function setEvents(stage: Stage, step: Step): Results {
  const play = K2_PLAYS.of(stage);
  const { debug } = play.vcpu(step);
  const { payloads } = play.requiredVm(step).software;
  const events = {
    nr: countArgument(step, 'nr', U32, 0),
    injected: step.injected === 1,
    pending: step.pending === 1,
    payload: step.payload === undefined ? undefined : Number(wordArgument(step, 'payload')),
  };
  return attempt(() => void debug.setEvents(events, payloads));
}

/** KVM_INTERRUPT */
function interrupt(stage: Stage, step: Step): Results {
  const { vcpu } = K2_PLAYS.of(stage).vcpu(step);
  return attempt(() => void vcpu.cpu.interrupts.raise(Number(wordArgument(step, 'vector'))));
}

function peekMemory(stage: Stage, step: Step): Results {
  const { memory } = K2_PLAYS.of(stage).requiredVm(step).software;
  return { val: hexValue(memory.readInteger(wordArgument(step, 'addr'), 8)) };
}

/** KVM_GET_DEBUGREGS of every virtual CPU. */
export function readGuestRegisters(stage: Stage): Results {
  const { vm: played } = K2_PLAYS.of(stage);
  if (played === undefined) return {};
  return { debugregs: Object.fromEntries(played.vcpus.map((vcpu) => [`v${vcpu.index}`, showDebugRegs(vcpu)])) };
}

/** Ops on the virtual machine, but for those that run it. */
export const GUEST_OPS: Ops = {
  ...debugOps(K2_PLAYS),
  vm,
  guest,
  set_regs: setRegs,
  get_regs: (stage, step) => showRegs(K2_PLAYS.of(stage).vcpu(step)),
  get_events: getEvents,
  set_events: setEvents,
  interrupt,
  peek_mem: peekMemory,
};
