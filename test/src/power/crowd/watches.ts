import assert from 'node:assert/strict';
import type { Kernel } from '@hwbp/core';
import { Kwatch, type Watch, type WatchRequest } from '@hwbp/kwatch';

/** Watches of kwatch, and what their owners know. */
export class Watches {
  readonly #kwatch: Kwatch;
  readonly #installed = new Map<Watch, boolean>();

  constructor(kernel: Kernel) {
    this.#kwatch = kernel.get(Kwatch);
  }

  /** Throws what kwatch refuses. */
  register(request: Omit<WatchRequest, 'triggered' | 'installed' | 'uninstalled'>): void {
    const tell =
      (installed: boolean) =>
      (watch: Watch): void => {
        assert.notEqual(this.#installed.get(watch), installed, 'the owner of a watch is told once');
        this.#installed.set(watch, installed);
      };
    const notices = { triggered: () => {}, installed: tell(true), uninstalled: tell(false) };
    const watch = this.#kwatch.registerKernel({ ...request, ...notices });
    this.#installed.set(watch, watch.installed);
  }

  /** Nothing happens if there is none. */
  drop(which: number): void {
    const all = [...this.#installed.keys()];
    const watch = all[which % Math.max(1, all.length)];
    this.#kwatch.unregister(watch);
    if (watch !== undefined) this.#installed.delete(watch);
  }

  dropAll(): void {
    while (this.#installed.size > 0) this.drop(0);
  }

  check(after: string): void {
    for (const [watch, installed] of this.#installed) {
      assert.equal(watch.installed, installed, `what the owner of a watch was told, after ${after}`);
    }
  }
}
