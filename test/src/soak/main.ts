/*
 * A long soak of a kernel on which tasks come and go: npm run soak -- [TASKS [SEED]]
 */
import { x86 } from '@hwbp/arch-x86';
import { perfEvents } from '@hwbp/core';
import { soak } from './soak.js';

const [tasks = 1_000_000, seed = Math.trunc(performance.timeOrigin)] = process.argv.slice(2).map(Number);
process.stdout.write(`${tasks} tasks, seed ${seed}\n`);
soak({ arch: x86, scheduler: perfEvents }, seed, tasks, 10_000, (done) => {
  const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
  if (done % 100_000 < 10_000) process.stdout.write(`${done} tasks, heap ${heap} MiB\n`);
});
process.stdout.write('nothing is left of them\n');
