import { StepError } from '../../format/arguments.js';
import type { Step, Value } from '../../format/script.js';
import type { Ops } from '../../player/recorded-architecture.js';
import { RECORDER_TEXT } from '../../player/recorder-task.js';
import type { Results } from '../../player/results.js';
import type { Stage } from '../../player/stage.js';
import { finish, type HostThread, type ThreadStop } from '../host-thread.js';
import type { PlayedVcpu } from '../kvm-play.js';
import { showStops } from './host-ops.js';
import { K2_PLAYS, type K2Play, type K2Vm } from './k2-plays.js';
import { showExit, showRegs, takeRecord, takeSaved } from './run-results.js';

/** One KVM_RUN: who makes it, of whom. */
interface Running {
  readonly thread: HostThread;
  readonly played: PlayedVcpu;
}

/** Lets threads make KVM_RUN, all at the same time; returns the stops of each. */
function run({ machine }: Stage, runs: readonly Running[]): ThreadStop[][] {
  const options = { immediateExit: false };
  for (const { thread, played } of runs) {
    thread.give({ pc: RECORDER_TEXT, length: 2, syscall: played.vcpu.run(options) });
  }
  const threads = runs.map(({ thread }) => thread);
  return finish(machine, threads, () => {
    options.immediateExit = true;
    for (const { played } of runs) played.vcpu.leave();
  });
}

/** What came of one. */
function show(vm: K2Vm, { played }: Running, stops: readonly ThreadStop[]): Results {
  const { exit } = played.vcpu;
  const came =
    exit === undefined || exit.reason === 'interrupted' ? { ret: -1, errno: 'EINTR' } : { ret: 0, ...showExit(exit) };
  return {
    ...came,
    ...showRegs(played),
    ...takeRecord(vm, played.index),
    ...takeSaved(vm, played.index),
    ...showStops(stops),
  };
}

function running(play: K2Play, step: Step): Running {
  return { thread: play.thread(step), played: play.vcpu(step) };
}

function runOne(stage: Stage, step: Step): Results {
  const play = K2_PLAYS.of(stage);
  const one = running(play, step);
  const [stops = []] = run(stage, [one]);
  return show(play.requiredVm(step), one, stops);
}

/** An inner step: `run0` or `run1`. */
function inner(step: Step, name: string): Step {
  const value = step[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new StepError(`op ${step.op}: ${name} is an object`);
  }
  return { ...(value as { readonly [key: string]: Value }), op: step.op };
}

function runBoth(stage: Stage, step: Step): Results {
  const play = K2_PLAYS.of(stage);
  const runs = ['run0', 'run1'].map((name) => ({ name, ...running(play, inner(step, name)) }));
  const stops = run(stage, runs);
  const vm = play.requiredVm(step);
  return Object.fromEntries(
    runs.map((one, index) => {
      const { on = '', vcpu = 0 } = inner(step, one.name);
      return [one.name, { on, vcpu, ...show(vm, one, stops[index] ?? []) }];
    }),
  );
}

/** Ops that let the guest run. */
export const RUN_OPS: Ops = { kvm_run: runOne, kvm_run_both: runBoth };
