import { HookList } from './hooks.js';

/**
 * A kernel's console: bytes from whoever writes there, such as a serial port or a call, to whoever shows them, such as
 * a terminal or a debugger; and what is typed there, the other way. It keeps nothing: who comes later has missed it.
 */
export class Console {
  /** Called with what was written. What is handed over is the listener's to keep. */
  readonly output = new HookList<[bytes: Uint8Array]>();
  /** Called with what was typed. */
  readonly input = new HookList<[bytes: Uint8Array]>();

  /** Shows bytes. */
  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.output.call(bytes.slice());
  }

  /** Somebody types bytes. */
  type(bytes: Uint8Array): void {
    if (bytes.length > 0) this.input.call(bytes.slice());
  }
}
