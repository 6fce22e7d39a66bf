import type { Cpu, HwBreakpointAttr } from '@hwbp/core';
import type { Claim, ClaimHandler, Claims } from './claims.js';
import type { HardwareDebugger, HardwarePoint, HardwareStop } from './hardware-debugger.js';

/** Registers of a computer from outside. */
export class HardwareClaims implements Claims<HardwareStop> {
  onHit: ClaimHandler<HardwareStop> = () => {};
  readonly #debugger: HardwareDebugger;
  readonly #claims = new Map<HardwarePoint, Claim>();

  constructor(hardware: HardwareDebugger) {
    this.#debugger = hardware;
  }

  claim(attrs: readonly HwBreakpointAttr[]): Claim {
    const points: HardwarePoint[] = [];
    const release = (): boolean => {
      for (const point of points.splice(0)) {
        this.#claims.delete(point);
        this.#debugger.release(point);
      }
      return true;
    };
    const claim: Claim = { release };
    try {
      for (const attr of attrs) {
        const point = this.#debugger.claim(attr);
        points.push(point);
        this.#claims.set(point, claim);
      }
    } catch (error) {
      release();
      throw error;
    }
    return claim;
  }

  /** Tells whose points were hit; false: nobody has any of them any more. */
  tell(stop: HardwareStop): boolean {
    const touched = stop.hits.flatMap((point) => {
      const claim = this.#claims.get(point);
      return claim === undefined ? [] : [{ claim, attr: point.attr }];
    });
    if (touched.length > 0) this.onHit(stop, this.#debugger.cpus[stop.cpu] as Cpu, touched);
    return touched.length > 0;
  }

  dispose(): void {}
}
