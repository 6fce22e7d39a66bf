import assert from 'node:assert/strict';
import { type Breakpoint, composeKernel, type Kernel, program } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { nop, type Subject, store, writes } from '../support.js';
import { place } from './ops.js';

/** A guest that watches a place of its own memory. */
export class Guest {
  readonly kernel: Kernel;
  readonly #watch: Breakpoint;
  #hits = 0;

  constructor(host: Kernel, { arch }: Subject) {
    const vm = host.get(Kvm).createVm();
    this.kernel = composeKernel({ arch: arch(), hardware: vm.hardware, strict: true });
    this.#watch = this.kernel.breakpoints.registerCpu(writes(place(0)), () => {}, 0);
  }

  store(at: number): void {
    this.kernel.machine.spawn(program([nop(), store(place(at)), nop()]));
    this.kernel.machine.run();
    if (at === 0) this.#hits++;
  }

  check(after: string): void {
    assert.equal(this.#watch.hits, this.#hits, `the guest's hits, after ${after}`);
  }

  /** Its host has ended. */
  end(): void {
    assert.equal(this.kernel.machine.run(10).instructions, 0, 'nor do the guests of the kernel before');
    this.kernel.dispose();
  }
}
