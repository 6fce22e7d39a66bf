import {
  type ArchManifest,
  type Consumer,
  consumerPlugin,
  EVENT_STATE,
  EVENTS,
  type Events,
  inject,
  injectable,
  MACHINE,
  MANIFEST,
  type Machine,
  type Plugin,
  type PluginManifest,
  type PmuEvent,
  provideValue,
  QUIRKS,
  type QuirkSet,
  type Task,
} from '@hwbp/core';
import type { PerfEventAttr } from './attr/perf-event-attr.js';
import { perfError } from './errors.js';
import {
  type Caller,
  checkAccess,
  checkAttr,
  checkCaller,
  checkFlags,
  checkRequest,
  checkTarget,
  mayProfile,
  PERF_FLAG_FD_NO_GROUP,
  PERF_FLAG_FD_OUTPUT,
} from './file/check-open.js';
import { PerfFile, type PerfFileHost } from './file/perf-file.js';
import { PERF_QUIRKS } from './file/quirks.js';
import { DEFAULT_PERF_SETTINGS, PERF_SETTINGS, type PerfSettings, resolvePerfSettings } from './file/settings.js';
import { SideBand } from './file/side-band.js';

/** For whom an event is opened: the arguments of perf_event_open behind the attr. */
export interface PerfTarget {
  /** A task's pid; 0: the caller; -1: whatever runs on `cpu`. */
  readonly pid: number;
  /** A CPU; -1: any (only with a task). Default -1. */
  readonly cpu?: number;
  /** Descriptor of the leader of the group to join; -1, the default: none. */
  readonly groupFd?: number;
  /** PERF_FLAG_*. Default 0. */
  readonly flags?: number;
  /** Who calls; its `uid` and `privileged` decide what it may do. Default: the kernel itself. */
  readonly as?: Caller;
}

/** The first descriptor: 0 to 2 are taken in every process. */
const FIRST_FD = 3;

/**
 * The perf consumer: perf_event_open(2) with its checks in Linux's order, and the files that it returns. Needs the
 * events engine (`breakpointScheduler: perfEvents()`).
 */
@injectable()
export class Perf implements Consumer {
  static readonly plugin: PluginManifest = { name: 'perf', wants: [PERF_SETTINGS], quirks: PERF_QUIRKS };
  readonly #machine: Machine;
  readonly #events: Events;
  readonly #settings: PerfSettings;
  readonly #files = new Map<number, PerfFile>();
  readonly #byEvent = new Map<PmuEvent, PerfFile>();
  readonly #sideBand: SideBand;
  readonly #host: PerfFileHost;
  #started = false;

  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(EVENTS) events: Events,
    @inject(QUIRKS) quirks: QuirkSet,
    @inject(MANIFEST) manifest: ArchManifest,
    @inject(PERF_SETTINGS) settings: PerfSettings | undefined,
  ) {
    this.#machine = machine;
    this.#events = events;
    this.#settings = settings ?? DEFAULT_PERF_SETTINGS;
    this.#sideBand = new SideBand(machine, this.#files);
    this.#host = {
      events,
      quirks,
      pageSize: manifest.pageSize,
      fileOf: (event) => this.#byEvent.get(event),
      unmapped: (ring) => {
        for (const file of this.#files.values()) file.detach(ring);
      },
      closed: (file) => {
        this.#files.delete(file.fd);
        this.#byEvent.delete(file.event);
      },
    };
  }

  start(): void {
    this.#started = true;
    this.#sideBand.start();
  }

  /** Closes every file. */
  stop(): void {
    this.#started = false;
    this.#sideBand.stop();
    for (const file of [...this.#files.values()]) file.close();
  }

  /** Every open file, by descriptor. */
  get files(): ReadonlyMap<number, PerfFile> {
    return this.#files;
  }

  /**
   * perf_event_open(2). Refused in Linux's order: flags EINVAL; perf_event_paranoid above 2 without
   * privilege EACCES; attr bits EINVAL; the kernel's side without privilege
   * EACCES; period or frequency EINVAL; no such group EBADF, one whose leader has ended ENODEV; no such task ESRCH; a
   * group that is inherited otherwise EINVAL; no such CPU EINVAL; the PMU's reasons (of breakpoints: type EINVAL,
   * ENOSPC, the architecture's, kernel addresses EINVAL or EPERM); somebody else's task, or a CPU, EACCES; offline CPU
   * ENODEV; the rules of groups EINVAL. After {@link stop} ENODEV.
   */
  open(attr: PerfEventAttr, target: PerfTarget): PerfFile {
    if (!this.#started) throw perfError('PERF_STOPPED', 'perf was stopped with its kernel; compose a new one');
    const { pid, cpu = -1, groupFd = -1, flags = 0, as } = target;
    if (typeof attr?.type !== 'number')
      throw new TypeError('a perf_event_attr needs a type: PERF_TYPE_BREAKPOINT, say');
    checkFlags(flags);
    checkCaller(as, this.#settings);
    checkAttr(attr);
    checkRequest(attr, as, this.#settings, this.#events.sampleRate);
    const group = groupFd === -1 ? undefined : this.#leader(groupFd);
    const leader = (flags & PERF_FLAG_FD_NO_GROUP) !== 0 ? undefined : group;
    const task = this.#task(pid, as);
    if (task !== undefined && leader !== undefined && (leader.attr.inherit === true) !== (attr.inherit === true)) {
      throw perfError(
        'PERF_OPEN_INVALID',
        'a group is inherited as a whole or not at all: inherit differs from its leader',
      );
    }
    checkTarget(attr, task, cpu, this.#machine.cpus.length);
    const event = this.#events.open(engineAttr(attr), task === undefined ? { cpu } : { task, cpu }, {
      owner: 'perf',
      privileged: mayProfile(as),
      confirm: () => checkAccess(task, cpu, as, this.#settings),
      ...(leader === undefined ? {} : { leader }),
    });
    const file = new PerfFile(this.#freeFd(), event, this.#host);
    this.#files.set(file.fd, file);
    this.#byEvent.set(event, file);
    try {
      if ((flags & PERF_FLAG_FD_OUTPUT) !== 0 && group !== undefined) file.setOutput(this.#byEvent.get(group));
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
  }

  #task(pid: number, caller: Caller): Task | undefined {
    if (pid === -1) return undefined;
    const task = pid === 0 ? caller : this.#machine.tasks.get(pid);
    if (task?.alive) return task;
    if (pid === 0 && caller === undefined)
      throw new TypeError('pid 0 is the caller: say who that is with { as: task }');
    throw perfError('PERF_NO_TASK', `there is no task with pid ${pid}`, { pid });
  }

  #leader(fd: number): PmuEvent {
    const file = this.#files.get(fd);
    if (file === undefined) throw perfError('PERF_BAD_FD', `${fd} is no descriptor of an open event`, { fd });
    if (file.event.state > EVENT_STATE.EXIT || this.#settings.refusesEndedLeader === false) return file.event;
    throw perfError('PERF_LEADER_GONE', `the task of the group's leader, ${file.event}, has ended`, { fd });
  }

  #freeFd(): number {
    let fd = FIRST_FD;
    while (this.#files.has(fd)) fd++;
    return fd;
  }
}

/** The attr as the engine reads it: a frequency stands where a period does. */
function engineAttr(attr: PerfEventAttr): PerfEventAttr {
  return attr.freq && attr.sample_freq !== undefined ? { ...attr, sample_period: attr.sample_freq } : attr;
}

/** The perf consumer with settings of yours: `composeKernel({ plugins: [perf({ perf_event_paranoid: 1 })] })`. */
export function perf(settings: Partial<PerfSettings> = {}): Plugin {
  const all = resolvePerfSettings(settings);
  return consumerPlugin(Perf, { ...all }, [provideValue(PERF_SETTINGS, all)]);
}
