import { describeUserArea, type UserArea } from '@hwbp/core';
import { X_REGISTERS } from './registers.js';

/** user_regs_struct: the program counter in the place of x0. Debug registers are no part of any structure. */
export function userArea(): UserArea {
  return describeUserArea({ wordSize: 8, generalRegisters: ['pc', ...X_REGISTERS.slice(1)], counter: 'pc' });
}
