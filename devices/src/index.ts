export {
  type IntervalTimerDriver,
  type IntervalTimerOptions,
  intervalTimer,
  TIMER_ENABLE,
  TIMER_EXPIRED,
  TIMER_ONE_SHOT,
  TIMER_REGISTERS,
} from './interval-timer.js';
export * as UART from './uart/registers.js';
export { type Incoming, type LineErrors, type ModemInputs, SerialLine } from './uart/serial-line.js';
export { type Uart16550Options, uart16550 } from './uart/uart16550.js';
