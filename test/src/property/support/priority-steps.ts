import fc from 'fast-check';
import { ACTS } from './priority-chaos.js';

const step = fc.record({
  act: fc.constantFrom(...ACTS),
  who: fc.nat(5),
  priority: fc.nat(4),
  execute: fc.nat(3).map((n) => n === 0),
  waits: fc.nat(4).map((n) => n !== 0),
  index: fc.nat(40),
});
/** Anything that can happen, in any order. */
export const PRIORITY_STEPS = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });
