/*
 * The kernel without its lock, for gdb: hwbp debug race.config.ts --threads tasks
 */
import { parseOptions } from './options.js';
import { teachingKernel } from './teaching-kernel.js';

export default teachingKernel(parseOptions(['--lock', 'none']));
