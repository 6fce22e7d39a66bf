import { Code } from '../programs/index.js';
import { Children } from './children.js';
import { DieChain } from './die-chain.js';
import { Gates } from './execution-gate.js';
import { Hotplug } from './hotplug.js';
import { JobControl } from './job-control.js';
import type { MachineHooks } from './machine-hooks.js';
import type { ExceptionEntry, MachineOptions } from './machine-options.js';
import { Oopses } from './oopses.js';
import { Power } from './power.js';
import { ProcessTable } from './process-table.js';
import { RunLoop } from './run-loop.js';
import { SignalDelivery } from './signal-delivery.js';
import { NO_SYSTEM_CALL_HOST, SystemCalls } from './system-calls/index.js';
import { TaskScheduler } from './task-scheduler.js';
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
  /** Functions that an image can refer to. */
  readonly code: Code;
}

/** Makes the parts of a machine; `entry`: the architecture's code, as it is at the moment. */
export function makeParts(options: MachineOptions, hooks: MachineHooks, entry: () => ExceptionEntry): MachineParts {
  const { hardware, logger, quantum, tick } = options;
  const gates = new Gates(() => loop.interrupt());
  const scheduler = new TaskScheduler(hardware.cpus, hooks, gates, tick);
  const hotplug = new Hotplug({ scheduler, hooks, logger });
  const processes = new ProcessTable(hooks, scheduler, hardware);
  const children = new Children({ scheduler, send: (task, info) => signals.send(task, info) });
  processes.ended = (process, status) => children.ended(process, status);
  const jobs = new JobControl(scheduler, processes, ({ process }, change) => children.changed(process, change));
  const signals: SignalDelivery = new SignalDelivery(hooks, scheduler, processes, jobs);
  const loop: RunLoop = new RunLoop({
    hardware,
    scheduler,
    processes,
    signals,
    gates,
    logger,
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
    traps: new Traps({
      scheduler,
      interrupt: hooks.interrupt,
      nmi: hooks.nmi,
      systemCall: hooks.systemCall,
      systemCalls: options.systemCalls ?? new SystemCalls(NO_SYSTEM_CALL_HOST),
      entry,
      run: (cpu, budget) => loop.runOn(cpu, budget),
    }),
  };
}
