import { isRealTime, SIGNALS, SIGRTMIN, type SignalInfo, type SignalName } from '@hwbp/core';

/** Bytes of `siginfo_t` (include/uapi/asm-generic/siginfo.h). */
const SIZE = 128;

/** How a kernel lays out structures. */
export interface Layout {
  readonly wordSize: 4 | 8;
  readonly byteOrder: 'little' | 'big';
}

function signalNumber(signal: SignalName): number {
  return isRealTime(signal) ? SIGRTMIN + Number(signal.slice('SIGRTMIN+'.length)) : SIGNALS[signal];
}

/** A signal as `siginfo_t`, which debuggers show as `$_siginfo`. */
export function encodeSiginfo(info: SignalInfo, { wordSize, byteOrder }: Layout): Uint8Array {
  const view = new DataView(new ArrayBuffer(SIZE));
  const little = byteOrder === 'little';
  const word = (at: number, value: bigint): void => {
    if (wordSize === 8) view.setBigUint64(at, BigInt.asUintN(64, value), little);
    else view.setUint32(at, Number(BigInt.asUintN(32, value)), little);
  };
  view.setInt32(0, signalNumber(info.si_signo), little);
  view.setInt32(8, info.si_code, little);
  // Behind si_signo, si_errno and si_code, a union that is aligned as a pointer is.
  const fields = wordSize === 8 ? 16 : 12;
  if (info.si_addr !== undefined) word(fields, info.si_addr);
  if (info.si_fd !== undefined) view.setInt32(fields + wordSize, info.si_fd, little);
  // _perf: behind si_addr and, where it is smaller, a hole.
  if (info.si_perf_data !== undefined) {
    word(fields + wordSize, info.si_perf_data);
    view.setUint32(fields + 2 * wordSize, info.si_perf_type ?? 0, little);
    view.setUint32(fields + 2 * wordSize + 4, info.si_perf_flags ?? 0, little);
  }
  return new Uint8Array(view.buffer);
}
