import { AfterPort, BeforePort, type Cpu } from '@hwbp/core';
import { FAKE_STEP } from './fake-debug-unit.js';
import type { FakeDriver } from './fake-driver.js';

/** The entry code of fakes that report data hits after the access. */
export class FakeAfterPort extends AfterPort<FakeDriver> {
  protected readonly step = FAKE_STEP;

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.status;
  }
}

/** Of those that report it before the access. */
export class FakeBeforePort extends BeforePort<FakeDriver> {
  protected readonly step = FAKE_STEP;

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.status;
  }
}
