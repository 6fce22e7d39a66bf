import type { Cpu } from '../hardware/index.js';
import { Code } from '../programs/index.js';
import { RandomSource } from '../random/index.js';
import { Children } from './children.js';
import { DieChain } from './die-chain.js';
import { ErrorChannel } from './error-channel.js';
import { Gates } from './execution-gate.js';
import { Hotplug } from './hotplug.js';
import { Interrupts } from './interrupts/index.js';
import { JobControl } from './job-control.js';
import type { MachineHooks } from './machine-hooks.js';
import { type ExceptionEntry, type MachineOptions, TICK } from './machine-options.js';
import { Oopses } from './oopses.js';
import { Power } from './power.js';
import { ProcessTable } from './process-table.js';
import { RunLoop } from './run-loop.js';
import { RoundRobin } from './scheduling/round-robin.js';
import { Scheduling } from './scheduling/scheduling.js';
import { SignalDelivery } from './signal-delivery.js';
import { NO_SYSTEM_CALL_HOST, SystemCalls } from './system-calls/index.js';
import { kernelTask, type Task } from './task.js';
import { TaskScheduler } from './task-scheduler.js';
import { Timers } from './timers/index.js';
import { Traps } from './traps.js';

/** What a machine is made of. */
export interface MachineParts {
  readonly gates: Gates;
  readonly scheduler: TaskScheduler;
  readonly hotplug: Hotplug;
  readonly power: Power;
  readonly processes: ProcessTable;
  readonly children: Children;
  readonly jobs: JobControl;
  readonly signals: SignalDelivery;
  readonly oopses: Oopses;
  readonly loop: RunLoop;
  readonly dieChain: DieChain;
  readonly traps: Traps;
  readonly interrupts: Interrupts;
  readonly timers: Timers;
  readonly errors: ErrorChannel;
  /** Functions that an image can refer to. */
  readonly code: Code;
}

/** How tasks get CPUs where nobody says. */
function roundRobin({ hardware: { cpus }, tick = TICK }: MachineOptions): Required<MachineOptions>['tasks'] {
  const scheduling = new Scheduling({ cpus, tick, random: new RandomSource(0) });
  return { scheduling, schedulingClass: new RoundRobin(scheduling) };
}

/** Makes the parts of a machine; `entry`: the architecture's code, as it is at the moment. */
export function makeParts(options: MachineOptions, hooks: MachineHooks, entry: () => ExceptionEntry): MachineParts {
  const { hardware, logger, quantum, tasks = roundRobin(options) } = options;
  const gates = new Gates(() => loop.interrupt());
  const { scheduling, schedulingClass } = tasks;
  // Written out, here and in parts: with a spread in them, kernels that were over outlived the collector's first looks.
  const scheduler = new TaskScheduler({
    scheduling,
    schedulingClass,
    hooks,
    gates,
    fail: (message, detail) => {
      loop.depart(message);
      loop.stop(message, detail);
    },
    report: (error, what) => errors.report(error, what),
  });
  const hotplug = new Hotplug({ scheduler, hooks, logger, left: (cpu) => interrupts.gone(cpu) });
  const processes: ProcessTable = new ProcessTable(hooks, scheduler, hardware, (process, status) =>
    children.ended(process, status),
  );
  const children: Children = new Children({
    scheduler,
    told: (tgid) => hooks.child.call(tgid),
    send: (task, info) => signals.send(task, info),
  });
  const jobs = new JobControl(scheduler, processes, ({ process }, change) => children.changed(process, change));
  const signals: SignalDelivery = new SignalDelivery(hooks, scheduler, processes, jobs);
  const errors = new ErrorChannel(logger, hooks.error, (message, error) => loop.stop(message, error), options.onError);
  const waits = {
    current: (cpu: Cpu) => scheduler.known(cpu).current,
    wake: (task: Task) => scheduler.wake(kernelTask(task)),
    hasSignal: (task: Task) => signals.isPending(kernelTask(task)),
  };
  const interrupts: Interrupts = new Interrupts({ hardware, scheduler, errors, waits });
  const loop: RunLoop = new RunLoop({
    hardware,
    interrupts,
    errors,
    scheduler,
    processes,
    signals,
    gates,
    logger,
    suspended: hooks.suspend,
    quantum,
    dieChain: () => dieChain,
  });
  const dieChain = new DieChain(loop);
  return {
    code: options.code ?? new Code(),
    gates,
    scheduler,
    hotplug,
    power: new Power({ scheduler, hotplug, gates, logger }),
    processes,
    children,
    jobs,
    signals,
    oopses: new Oopses(logger, processes),
    loop,
    dieChain,
    interrupts,
    timers: new Timers({ hardware, waits, errors }),
    errors,
    traps: new Traps({
      scheduler,
      interrupt: hooks.interrupt,
      nmi: hooks.nmi,
      systemCall: hooks.systemCall,
      systemCalls: options.systemCalls ?? new SystemCalls(NO_SYSTEM_CALL_HOST),
      interrupts: () => interrupts,
      entry,
      run: (cpu, budget) => loop.runOn(cpu, budget),
    }),
  };
}
