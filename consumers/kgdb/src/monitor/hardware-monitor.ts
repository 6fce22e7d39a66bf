import { hex, typeLetters } from '@hwbp/core';
import type { HardwareDebugger } from '../target/hardware-debugger.js';
import { Monitor } from './monitor.js';

/** What a debugger can ask of a computer that it debugs from outside. */
export function hardwareMonitor(hardware: HardwareDebugger): Monitor {
  return new Monitor({
    bps: {
      help: "this debugger's debug registers, the same on every CPU",
      run: () =>
        hardware.points
          .map((point, register) => {
            if (point === undefined) return `${register}  free\n`;
            const { bp_addr, bp_type, bp_len } = point.attr;
            return `${register}  ${hex(bp_addr)}  ${typeLetters(bp_type)}  ${bp_len}\n`;
          })
          .join(''),
    },
  });
}
