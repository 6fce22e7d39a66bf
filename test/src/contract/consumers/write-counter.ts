import {
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  HW_BREAKPOINT_W,
  inject,
  injectable,
  KernelError,
  MACHINE,
  type Machine,
  NOTIFY_DONE,
  type PluginManifest,
  type WideBreakpoint,
} from '@hwbp/core';

/** A consumer as small as one that takes something of everything can be: counts stores, forks and exceptions. */
@injectable()
export class WriteCounter implements Consumer {
  static readonly plugin: PluginManifest = { name: 'write counter', conflicts: ['read counter'] };
  writes = 0;
  forks = 0;
  exceptions = 0;
  protected watches: WideBreakpoint[] = [];
  protected undo: (() => void)[] = [];
  protected readonly machine: Machine;
  protected readonly breakpoints: Breakpoints;

  constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
    this.machine = machine;
    this.breakpoints = breakpoints;
  }

  start(): void {
    if (this.undo.length > 0) return;
    this.undo = [
      this.machine.hooks.fork.add(() => {
        this.forks++;
      }),
      this.machine.dieChain.register(() => {
        this.exceptions++;
        return NOTIFY_DONE;
      }),
    ];
  }

  /** Counts stores to the 8 bytes at an address. */
  watch(bp_addr: bigint): void {
    if (this.undo.length === 0) throw new KernelError('WRITE_COUNTER_STOPPED', 'ENODEV', 'start the counter first');
    const count = (): void => {
      this.writes++;
    };
    this.watches.push(this.breakpoints.registerWide({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len: 8 }, count));
  }

  stop(): void {
    for (const watch of this.watches) this.breakpoints.unregisterWide(watch);
    this.watches = [];
    for (const undo of this.undo) undo();
    this.undo = [];
  }
}
