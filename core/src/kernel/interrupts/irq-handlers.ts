import { HookList } from '../hooks.js';
import type { IrqHandler } from './handler-code.js';

/** Who handles which line. */
export class IrqHandlers {
  /** A line has got a handler. */
  readonly added = new HookList<[line: number]>();
  readonly #handlers = new Map<number, readonly IrqHandler[]>();

  /** Behind those that are there. Returns the function that takes it away. */
  add(line: number, handler: IrqHandler): () => void {
    const entry = Object.freeze({ ...handler });
    this.#handlers.set(line, [...this.of(line), entry]);
    this.added.call(line);
    return () => {
      const others = this.of(line).filter((other) => other !== entry);
      if (others.length === 0) this.#handlers.delete(line);
      else this.#handlers.set(line, others);
    };
  }

  /** In the order of their turns. */
  of(line: number): readonly IrqHandler[] {
    return this.#handlers.get(line) ?? [];
  }
}
