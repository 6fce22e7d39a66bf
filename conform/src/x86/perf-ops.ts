import { KernelError, type SignalName } from '@hwbp/core';
import {
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FORK,
  PERF_RECORD_LOST,
  PERF_RECORD_SAMPLE,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_PERIOD,
  PERF_SAMPLE_TID,
  PERF_TYPE_BREAKPOINT,
  type Perf,
  type PerfEventAttr,
  type PerfFile,
  type PerfRecord,
  type ReadValues,
} from '@hwbp/perf';
import { countArgument, integerArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step, Value } from '../format/transcript.js';
import { attempt, type Results } from '../player/results.js';
import type { AddressBook } from './address-book.js';
import { attrArgument } from './attr-argument.js';
import type { RecorderTask } from './recorder-task.js';

const RECORD_NAMES: Readonly<Record<number, string>> = {
  [PERF_RECORD_LOST]: 'LOST',
  [PERF_RECORD_COMM]: 'COMM',
  [PERF_RECORD_EXIT]: 'EXIT',
  [PERF_RECORD_THROTTLE]: 'THROTTLE',
  [PERF_RECORD_UNTHROTTLE]: 'UNTHROTTLE',
  [PERF_RECORD_FORK]: 'FORK',
};
/** A pid that nothing has. */
const UNUSED_PID = 0x3f_ffff;
/** How many events a probe of free slots opens at most. */
const MOST_PROBES = 16;
const PROBE_ADDRESS = 0x1000_f000n;
const ENOSPC = 28;
const KERNEL_IP = 0xffff_8000_0000_0000n;
const WORKER_TEXT = 0x2000_0000n;
const WORKER_TEXT_END = 0x2000_3000n;

/** What the ops on events need of the player. */
export interface PerfOpsHost {
  readonly perf: Perf;
  readonly self: RecorderTask;
  readonly addresses: AddressBook;
  /** The pid of a task of the script, dead or alive. */
  pidOf(name: string): number | undefined;
  /** The name of the task with this pid. */
  nameOf(pid: number): string;
  /** Names and pids of the tasks that the recorder has not seen end. */
  live(): Iterable<readonly [string, number]>;
}

interface OpenEvent {
  readonly file: PerfFile;
}

/** Ops on perf events: open, close, ioctl, modify, read, mmap, signal, and what is read back after each step. */
export class PerfOps {
  readonly #host: PerfOpsHost;
  /** By name, in the order of opening, also those that failed. */
  readonly #events = new Map<string, OpenEvent | undefined>();

  readonly ops: Readonly<Record<string, (step: Step) => Results>> = {
    open: (step) => this.#open(step),
    close: (step) => attempt(() => this.#close(step)),
    ioctl: (step) => this.#ioctl(step),
    modify: (step) => this.#modify(step),
    read: (step) => this.#read(step),
    mmap: (step) => this.#mmap(step),
    signal: (step) => this.#signal(step),
  };

  constructor(host: PerfOpsHost) {
    this.#host = host;
  }

  // --- what is read back ---

  /** Counts, new samples and new signals. */
  count(): Results {
    const count: Results = {};
    const samples: Value[] = [];
    for (const [name, file] of this.#opened()) {
      const { errno } = attempt(() => {
        const values = file.values();
        count[name] = values === undefined ? 'eof' : Number(ownCount(values, file.id));
        return {};
      });
      if (errno !== undefined) count[name] = errno;
    }
    for (const [name, file] of this.#opened()) {
      for (const record of file.drain()) samples.push({ ev: name, ...this.#showRecord(record, file.attr) });
    }
    const signals = this.#host.self.takeSignals().map((info): Value => {
      const name = [...this.#opened()].find(([, { fd }]) => fd === info.si_fd)?.[0] ?? '?';
      const number = /^SIGRTMIN\+(\d+)$/.exec(info.si_signo)?.[1];
      const code = info.si_code === 1 ? 'POLL_IN' : info.si_code === 6 ? 'POLL_HUP' : '?';
      return { ev: name, sig: number === undefined ? info.si_signo : Number(number), code };
    });
    return {
      count,
      ...(samples.length > 0 ? { samples } : {}),
      ...(signals.length > 0 ? { signals } : {}),
    };
  }

  /** How many more events each target takes. */
  free(): Value {
    const { live, self } = this.#host;
    const free: Results = { self: [-1, 0, 1].map((cpu) => this.#probe(self.task.pid, cpu)) };
    for (const [name, pid] of live()) free[name] = [-1, 0, 1].map((cpu) => this.#probe(pid, cpu));
    free.all = [0, 1].map((cpu) => this.#probe(-1, cpu));
    return free;
  }

  #probe(pid: number, cpu: number): number {
    const { perf, self } = this.#host;
    const attr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: PROBE_ADDRESS, bp_len: 8, disabled: true };
    const files: PerfFile[] = [];
    let refused: KernelError | undefined;
    while (files.length < MOST_PROBES && refused === undefined) {
      try {
        files.push(perf.open(attr, { pid, cpu, as: self.task }));
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        refused = error;
      }
    }
    for (const file of files) file.close();
    return files.length === 0 && refused !== undefined && refused.errnum !== ENOSPC ? -refused.errnum : files.length;
  }

  *#opened(): Generator<readonly [string, PerfFile]> {
    for (const [name, event] of this.#events) if (event !== undefined) yield [name, event.file];
  }

  #showRecord(record: PerfRecord, { sample_type = 0 }: PerfEventAttr): Results {
    if (record.type !== PERF_RECORD_SAMPLE) {
      const number = record.type === 'other' ? record.number : record.type;
      return { record: RECORD_NAMES[number] ?? String(number) };
    }
    const { ip = 0n, tid = 0, addr = 0n, cpu = 0, period = 0n } = record;
    return {
      ...(sample_type & PERF_SAMPLE_IP ? { ip: showIp(ip) } : {}),
      ...(sample_type & PERF_SAMPLE_TID ? { task: this.#host.nameOf(tid) } : {}),
      ...(sample_type & PERF_SAMPLE_ADDR ? { addr: this.#host.addresses.show(addr) } : {}),
      ...(sample_type & PERF_SAMPLE_CPU ? { cpu } : {}),
      ...(sample_type & PERF_SAMPLE_PERIOD ? { period: Number(period) } : {}),
    };
  }

  // --- ops ---

  #open(step: Step): Results {
    const { perf, self } = this.#host;
    const name = textArgument(step, 'ev');
    const attr = attrArgument(step, this.#host.addresses);
    const cpu = integerArgument(step, 'cpu', -1);
    const groupFd = step.group === undefined ? -1 : this.#named(step, 'group').fd;
    this.#events.set(name, undefined);
    return attempt(() => {
      const file = self.as(identity(step), () =>
        perf.open(attr, { pid: this.#pid(step), cpu, groupFd, as: self.task }),
      );
      this.#events.set(name, { file });
    });
  }

  #close(step: Step): Results {
    this.#file(step).close();
    this.#events.set(textArgument(step, 'ev'), undefined);
    return {};
  }

  #ioctl(step: Step): Results {
    const file = this.#file(step);
    const group = step.flag === 'group';
    const commands: Readonly<Record<string, () => void>> = {
      enable: () => file.enable({ group }),
      disable: () => file.disable({ group }),
      reset: () => file.reset({ group }),
      refresh: () => file.refresh(Number(wordArgument(step, 'arg'))),
      period: () => file.period(wordArgument(step, 'arg')),
    };
    const cmd = textArgument(step, 'cmd');
    const command = Object.hasOwn(commands, cmd) ? commands[cmd] : undefined;
    if (command === undefined) throw new StepError(`op ioctl: there is no command '${cmd}'`);
    return attempt(() => void command());
  }

  #modify(step: Step): Results {
    const { self } = this.#host;
    const file = this.#file(step);
    const attr = attrArgument(step, this.#host.addresses);
    return attempt(() => void self.as(identity(step), () => file.modify(attr, { as: self.task })));
  }

  #read(step: Step): Results {
    const file = this.#file(step);
    return attempt(() => this.#values(file));
  }

  #values(file: PerfFile): Results {
    const values = file.values();
    if (values === undefined) return { ret: 0 };
    const { read_format = 0 } = file.attr;
    const { time_enabled: enabled = 0n, time_running: running = 0n } = values;
    const result: Results = { ret: file.read().length };
    if (!('values' in values)) result.value = Number(values.value);
    if (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED) result.enabled = enabled > 0n ? '>0' : '0';
    if (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING) result.running = running > 0n ? '>0' : '0';
    if (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED && read_format & PERF_FORMAT_TOTAL_TIME_RUNNING) {
      result.times =
        running === enabled ? 'running=enabled' : running < enabled ? 'running<enabled' : 'running>enabled';
    }
    if (!('values' in values)) return result;
    result.values = values.values.map(
      ({ value, id, lost }): Value => ({
        ...(id === undefined ? {} : { ev: this.#eventOfId(id) }),
        value: Number(value),
        ...(lost === undefined ? {} : { lost: Number(lost) }),
      }),
    );
    return result;
  }

  #mmap(step: Step): Results {
    const file = this.#file(step);
    const pages = countArgument(step, 'pages', 1 << 16);
    return attempt(() => void (pages === 0 ? file.mmapControlPage() : file.mmap(pages)));
  }

  #signal(step: Step): Results {
    const file = this.#file(step);
    const signal: SignalName = `SIGRTMIN+${countArgument(step, 'sig', 30)}`;
    return attempt(() => void file.async({ owner: this.#host.self.task, signal }));
  }

  #eventOfId(id: bigint): string {
    for (const [name, file] of this.#opened()) if (file.id === id) return name;
    return '?';
  }

  #named(step: Step, argument: string): PerfFile {
    const name = textArgument(step, argument);
    const event = this.#events.get(name);
    if (event === undefined) throw new StepError(`op ${step.op}: no event ${name} is open`);
    return event.file;
  }

  #file(step: Step): PerfFile {
    return this.#named(step, 'ev');
  }

  #pid(step: Step): number {
    const target = textArgument(step, 'target');
    if (target === 'self') return 0;
    if (target === 'all') return -1;
    return this.#host.pidOf(target) ?? UNUSED_PID;
  }
}

function identity(step: Step): string {
  return step.as === undefined ? 'root' : textArgument(step, 'as');
}

/** The event's own count: a group read of a sibling begins with its leader. */
function ownCount(values: ReadValues, id: bigint): bigint {
  if (!('values' in values)) return values.value;
  return (values.values.find((one) => one.id === id) ?? values.values[0])?.value ?? 0n;
}

function showIp(ip: bigint): Value {
  if (ip >= KERNEL_IP) return 'kernel';
  return ip >= WORKER_TEXT && ip < WORKER_TEXT_END ? hexValue(ip) : 'user';
}
