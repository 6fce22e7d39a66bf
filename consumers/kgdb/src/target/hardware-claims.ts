import type { HwBreakpointAttr } from '@hwbp/core';
import type { Claim, ClaimHandler, Claims } from './claims.js';
import type { HardwareDebugger, HardwarePoint, HardwareStop } from './hardware-debugger.js';

/** Registers of a computer from outside. */
export class HardwareClaims implements Claims<HardwareStop> {
  readonly #debugger: HardwareDebugger;
  readonly #handlers = new Map<HardwarePoint, ClaimHandler<HardwareStop>>();

  constructor(hardware: HardwareDebugger) {
    this.#debugger = hardware;
  }

  claim(attrs: readonly HwBreakpointAttr[], handler: ClaimHandler<HardwareStop>): Claim {
    const points: HardwarePoint[] = [];
    const release = (): boolean => {
      for (const point of points.splice(0)) {
        this.#handlers.delete(point);
        this.#debugger.release(point);
      }
      return true;
    };
    try {
      for (const attr of attrs) {
        const point = this.#debugger.claim(attr);
        points.push(point);
        this.#handlers.set(point, handler);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  }

  /** Tells the one whose point it is, if it still has one. */
  tell(point: HardwarePoint, stop: HardwareStop): boolean {
    const handler = this.#handlers.get(point);
    handler?.(stop, point.attr.bp_addr);
    return handler !== undefined;
  }

  dispose(): void {}
}
