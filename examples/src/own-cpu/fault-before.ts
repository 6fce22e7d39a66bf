import {
  CONDITION_READ,
  CONDITION_WRITE,
  type DebugException,
  type DebugUnit,
  debugException,
  FILTER_READ,
  type FilterPart,
  hex,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';
import { COUNTER_ADDRESS, PROGRAM, TinyCpu } from './tiny-cpu.js';

const DATA_STORAGE = debugException('DSI', 'before');
/** Bytes that one register watches: always a whole aligned doubleword, like the DABR of a PowerPC. */
const GRANULE = 8;

/**
 * Silicon of your own is one register's worth of code: it compares, and it keeps the filter armed for what could match.
 */
class OneGranuleUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  /** It never has anything to report after an instruction. */
  readonly pending = false;
  /** Address of the access that was stopped. */
  faultAddress = 0;
  #base = 0;
  #conditions = 0;

  /** Watches the doubleword that contains the address; no conditions: nothing. Addresses have 32 bits here. */
  set(address: number, conditions: number): void {
    this.#base = address & -GRANULE;
    this.#conditions = conditions;
    this.filter.arm(0, conditions, 0, this.#base, GRANULE);
  }

  access(part: FilterPart, hi: number, lo: number, size: number): DebugException | undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : CONDITION_WRITE;
    // The filter says "perhaps", the unit decides.
    if ((this.#conditions & condition) === 0 || !rangesOverlap(hi, lo, size, 0, this.#base, GRANULE)) return undefined;
    this.faultAddress = lo;
    return DATA_STORAGE;
  }

  fetch(): undefined {}
  retire(): undefined {}
  move(): undefined {}
  discard(): void {}
  reset(): void {
    this.set(0, 0);
  }
}

/** PowerPC's way: the exception comes before the access, which has to be stepped over with the unit disarmed. */
export function faultBefore(say: (line: string) => void): void {
  const unit = new OneGranuleUnit();
  const cpu = new TinyCpu(unit, PROGRAM);
  const counter = Number(COUNTER_ADDRESS);

  unit.filter.listen((ranges) => say(`  armed: ${ranges.map(({ address }) => hex(address)).join() || 'nothing'}`));
  cpu.onException = ({ vector }) => {
    const before = cpu.memory.getInt32(counter, true);
    const where = `pc is ${hex(BigInt(cpu.pc))}, ${vector} at ${hex(BigInt(unit.faultAddress))}`;
    unit.set(counter, 0);
    cpu.run(1);
    unit.set(counter, CONDITION_WRITE);
    say(`  ${where}: the counter was ${before}, is ${cpu.memory.getInt32(counter, true)}`);
  };

  unit.set(counter, CONDITION_WRITE);
  cpu.run();
  unit.reset();
}
