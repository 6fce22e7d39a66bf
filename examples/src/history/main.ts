/**
 * Five breakpoints for the four registers of a CPU, by priority: who has which when, who loses one and gets it back, as
 * text; with the name of a file the same as a picture.
 */
import { writeFileSync } from 'node:fs';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, priorities, program } from '@hwbp/core';
import { History, happened, history, timelineSvg } from '@hwbp/history';
import { textTimeline } from './text-timeline.js';

const word = (n: number): bigint => 0x601000n + 8n * BigInt(n);
const watch = (n: number) => ({ bp_type: HW_BREAKPOINT_W, bp_addr: word(n), bp_len: 8 });
const store = (n: number) => ({
  pc: 0x401000n,
  length: 4,
  accesses: [{ kind: 'write' as const, address: word(n), size: 8, value: 1n }],
});

using kernel = composeKernel({ arch: x86(), quantum: 6, slotPolicy: priorities(), plugins: [history()] });
const { machine, breakpoints } = kernel;
const stores = program(Array.from({ length: 24 }, (_, i) => store(i % 5)));
const [first, second] = ['first', 'second'].map((comm) => machine.spawn(stores, { comm }));
if (first === undefined || second === undefined) throw new TypeError('there are two tasks');

for (const [n, owner] of ['alice', 'bob', 'carol', 'dave'].entries()) {
  breakpoints.registerUser(watch(n), () => {}, first, { owner, priority: n });
}
machine.run(8);
const kept = breakpoints.registerUser(watch(4), () => {}, first, { owner: 'eve', priority: 9 });
machine.run(8);
machine.schedule(0); // the second task, which nobody watches
machine.run(8);
machine.schedule(0);
machine.run(4);
breakpoints.unregister(kept);
machine.run(12);

const data = kernel.get(History).snapshot();
for (const line of textTimeline(data)) console.log(line);
for (const event of data.events) {
  if (event.kind !== 'hit' && event.kind !== 'switch') console.log(`${event.count}: ${happened(event, data)}`);
}
const [, , file] = process.argv;
if (file !== undefined) writeFileSync(file, timelineSvg(data, { title: 'Five breakpoints, four registers' }));
