import type { SignalInfo } from '@hwbp/core';
import {
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
  type PerfEventAttr,
  type PerfRecord,
} from '@hwbp/perf';
import { hexValue } from '../format/hex.js';
import type { Value } from '../format/script.js';
import { countOf } from '../player/open-events.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';
import { POLL_CODES } from './show-signal.js';

const RECORD_NAMES: Readonly<Record<number, string>> = {
  [PERF_RECORD_LOST]: 'LOST',
  [PERF_RECORD_COMM]: 'COMM',
  [PERF_RECORD_EXIT]: 'EXIT',
  [PERF_RECORD_THROTTLE]: 'THROTTLE',
  [PERF_RECORD_UNTHROTTLE]: 'UNTHROTTLE',
  [PERF_RECORD_FORK]: 'FORK',
};

function showIp({ machine, architecture }: Stage, ip: bigint): Value {
  const [first, last] = architecture.control.text;
  if (ip >= machine.layout.taskSize) return 'kernel';
  return ip >= first && ip <= last ? hexValue(ip) : 'user';
}

function nameOf({ tasks, self }: Stage, pid: number): string {
  return tasks.nameOf(pid) ?? (pid === self.task.pid ? 'self' : '?');
}

function showRecord(stage: Stage, record: PerfRecord, { sample_type = 0 }: PerfEventAttr): Results {
  if (record.type !== PERF_RECORD_SAMPLE) {
    const number = record.type === 'other' ? record.number : record.type;
    return { record: RECORD_NAMES[number] ?? String(number) };
  }
  const { ip = 0n, tid = 0, addr = 0n, cpu = 0, period = 0n } = record;
  return {
    ...(sample_type & PERF_SAMPLE_IP ? { ip: showIp(stage, ip) } : {}),
    ...(sample_type & PERF_SAMPLE_TID ? { task: nameOf(stage, tid) } : {}),
    ...(sample_type & PERF_SAMPLE_ADDR ? { addr: stage.addresses.show(addr) } : {}),
    ...(sample_type & PERF_SAMPLE_CPU ? { cpu } : {}),
    ...(sample_type & PERF_SAMPLE_PERIOD ? { period: Number(period) } : {}),
  };
}

function showSignal({ events }: Stage, { si_signo, si_code, si_fd }: SignalInfo): Value {
  const number = /^SIGRTMIN\+(\d+)$/.exec(si_signo)?.[1];
  const sig = number === undefined ? si_signo : Number(number);
  return { ev: events.nameOf('fd', si_fd), sig, code: POLL_CODES[si_code] ?? '?' };
}

/** The counts of every open event, with what has come into their rings and what signals the recorder got. */
export function readCounts(stage: Stage): Results {
  const { events, self } = stage;
  const count: Results = {};
  const samples: Value[] = [];
  for (const [name, file] of events.opened()) {
    const { errno } = attempt(() => {
      count[name] = countOf(file) ?? 'eof';
      return {};
    });
    if (errno !== undefined) count[name] = errno;
  }
  for (const [name, file] of events.opened()) {
    for (const record of file.drain()) samples.push({ ev: name, ...showRecord(stage, record, file.attr) });
  }
  const signals = self.takeSignals().map((info) => showSignal(stage, info));
  return { count, ...(samples.length > 0 ? { samples } : {}), ...(signals.length > 0 ? { signals } : {}) };
}
