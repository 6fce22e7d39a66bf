/*
 * A small time-sharing kernel, made of parts: see README.md beside it.
 *
 *   hwbp run kernel.config.ts -- --lock none --scheduler fair
 *   hwbp debug kernel.config.ts
 *
 * Options: --arch x86|ppc64|arm64|riscv64  --scheduler round-robin|priority|fair|edf|random  --seed N
 *          --lock irqsave|plain|none  --cpus N  --quantum N  --timer MICROSECONDS  --type 'LINE;LINE'
 */
import { defineKernel } from '@hwbp/core';
import { parseOptions } from './options.js';
import { teachingKernel } from './teaching-kernel.js';

export default defineKernel(({ args }) => teachingKernel(parseOptions(args)));
