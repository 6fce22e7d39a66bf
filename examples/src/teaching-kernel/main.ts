import { composeKernel } from '@hwbp/core';
import { parseOptions } from './options.js';
import { teachingKernel } from './teaching-kernel.js';

const config = teachingKernel(parseOptions(process.argv.slice(2)));
using kernel = composeKernel(config.kernel);
await config.setup?.(kernel);
const result = kernel.machine.run(2_000_000);
console.log(config.report?.(kernel, result));
console.log(`${result.instructions} instructions; ${result.reason}`);
