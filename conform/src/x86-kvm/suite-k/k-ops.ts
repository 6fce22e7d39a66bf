import type { VcpuExit } from '@hwbp/kvm';
import { StepError, textArgument } from '../../format/arguments.js';
import { hexValue } from '../../format/hex.js';
import type { Step } from '../../format/script.js';
import type { Ops } from '../../player/recorded-architecture.js';
import { RECORDER_TEXT } from '../../player/recorder-task.js';
import type { Results } from '../../player/results.js';
import type { Stage } from '../../player/stage.js';
import { codeArgument, debugOps, showDebugRegs } from '../debug-ops.js';
import { Plays } from '../kvm-play.js';
import { K_FRAMES, KGuest } from './k-guest.js';

/** Where the #DB handler tells that it has run. */
const HANDLER_PORT = 0x71;
/** How long a guest is let run: what it does not end by then, it does not end. */
const PATIENCE = Object.freeze({ most: 400_000, turn: 1000 });
const PLAYS = new Plays<KGuest>();

function vm(stage: Stage, step: Step): Results {
  const mode = textArgument(step, 'mode');
  if (mode !== 'real' && mode !== 'user64') throw new StepError(`op vm: there is no mode '${mode}': real, user64`);
  PLAYS.of(stage).createVm({
    cpus: 1,
    memory: { frames: K_FRAMES },
    software: (hardware, host) => new KGuest(hardware, mode === 'real', host),
  });
  return {};
}

function guest(stage: Stage, step: Step): Results {
  const play = PLAYS.of(stage);
  play.requiredVm(step).software.load(codeArgument(step, 'code'));
  play.restart(play.vcpu(step));
  return {};
}

/** Why KVM_RUN came back. A debug exit tells DR6 and DR7 in any case: those of the last one that had some. */
function showExit(exit: VcpuExit, software: KGuest): Results {
  if (exit.reason === 'io') return { exit: 'io', port: hexValue(BigInt(exit.port)) };
  if (exit.reason !== 'debug') return { exit: exit.reason.replaceAll(' ', '_') };
  const exception = exit.cause === 'software' ? 3 : 1;
  if (exception === 1) software.exitRegisters = exit.registers;
  const { dr6 = 0n, dr7 = 0n } = software.exitRegisters;
  return { exit: 'debug', exception, pc: hexValue(exit.pc), dr6: hexValue(dr6), dr7: hexValue(dr7) };
}

/** KVM_RUN, by the recorder itself. */
function run(stage: Stage, step: Step): Results {
  const play = PLAYS.of(stage);
  const { software } = play.requiredVm(step);
  const { vcpu, debug } = play.vcpu(step);
  stage.self.execute({ pc: RECORDER_TEXT, length: 2, syscall: vcpu.run() }, PATIENCE);
  const { exit } = vcpu;
  if (exit === undefined || exit.reason === 'interrupted') return { ret: -1, errno: 'EINTR' };
  const { real, results, record } = software;
  const handled = real && exit.reason === 'io' && exit.port === HANDLER_PORT;
  return {
    ret: 0,
    ...showExit(exit, software),
    rip: hexValue(debug.getRegs(vcpu.cpu).rip),
    ...(real && results.length > 0 ? { got: results.map(hexValue) } : {}),
    ...(handled ? { handler_dr6: hexValue(record[0]), handler_dr7: hexValue(record[1]) } : {}),
  };
}

/** KVM_GET_DEBUGREGS */
export function readDebugRegs(stage: Stage): Results {
  const [vcpu] = PLAYS.of(stage).vm?.vcpus ?? [];
  return vcpu === undefined ? {} : { debugregs: showDebugRegs(vcpu) };
}

/** Ops on the virtual machine. */
export const K_OPS: Ops = { ...debugOps(PLAYS), vm, guest, kvm_run: run };
