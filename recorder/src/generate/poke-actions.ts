import type { Value } from '@hwbp/conform';
import type { PlannedStep } from '../plan.js';
import { text } from './access-actions.js';
import type { Random, Weighted } from './random.js';
import { type Action, hex, type Scene } from './scene.js';
import { tracee } from './task-actions.js';

/** Addresses around the end of user space and above it. */
export const KERNEL_ADDRESSES: Weighted<bigint> = [
  [3, 0x7fff_ffff_eff8n],
  [2, 0x7fff_ffff_efffn],
  [3, 0x7fff_ffff_f000n],
  [1, 0x7fff_ffff_fff8n],
  [2, 0x8000_0000_0000n],
  [2, 0xffff_7fff_ffff_fff8n],
  [3, 0xffff_8000_0000_0000n],
  [2, 0xffff_8880_0000_0010n],
  [2, 0xffff_fe00_0000_1000n],
  [1, 0xffff_fe7f_ffff_fff8n],
  [2, 0xffff_ffff_8100_0000n],
  [1, 0xffff_ffff_ff60_0000n],
  [2, 0xffff_ffff_ffff_fff8n],
  [1, 0xffff_ffff_ffff_ffffn],
];

/** DR7: two enable bits a slot from bit 0, and four of type and length from bit 16. */
const TYPES: Weighted<number> = [
  [3, 0], // execute
  [8, 1], // write
  [1, 2], // I/O
  [5, 3], // read and write
];

/** Lengths as DR7 has them: 1, 2, 8, 4 bytes. */
const LENGTHS: Weighted<number> = [
  [4, 0],
  [3, 1],
  [3, 2],
  [4, 3],
];

const BYTES = [1, 2, 8, 4] as const;

function dr7(scene: Scene): bigint {
  const { random } = scene;
  let value = 0n;
  for (let slot = 0n; slot < 4n; slot++) {
    if (!random.chance(45)) continue;
    const type = random.weighted(TYPES);
    const length = type === 0 && random.chance(85) ? 0 : random.weighted(LENGTHS);
    value |=
      BigInt(
        random.weighted([
          [5, 1],
          [3, 2],
          [2, 3],
          [1, 0],
        ]),
      ) <<
      (2n * slot);
    value |= BigInt(type | (length << 2)) << (16n + 4n * slot);
  }
  // LE, GE, the bit that is always 1, GD, and bits that are reserved.
  if (random.chance(25)) value |= BigInt(random.pick([0x100, 0x200, 0x300, 0x400, 0x2000, 0xc800, 0xdc00]));
  if (random.chance(3)) value |= 0xffff_ffff_0000_0000n;
  return value;
}

function pokeStep(scene: Scene, reg: number, val: Value): PlannedStep[] {
  const task = tracee(scene);
  if (task === undefined) return [];
  return [
    { op: 'poke', task: task.name, reg, val, ...(scene.random.chance(4) ? { as: 'nobody' } : {}) } as PlannedStep,
  ];
}

/** An address register, with a place in data or text. */
export const pokeAddress: Action = (scene) => {
  const { random } = scene;
  const value = random.weighted<() => number>([
    [10, () => scene.place()],
    [3, () => scene.near()],
    [4, () => text(scene)],
  ])();
  return pokeStep(scene, random.between(0, 3), hex(value));
};

export const pokeData: Action = (scene) => pokeStep(scene, scene.random.between(0, 3), hex(scene.place()));
export const pokeText: Action = (scene) => pokeStep(scene, scene.random.between(0, 3), hex(text(scene)));

/** DR7: other slots enabled as others were set; or anything. */
export const pokeControl: Action = (scene) => {
  const task = tracee(scene);
  if (task === undefined) return [];
  const { random } = scene;
  const flip = BigInt(random.pick([1, 2, 3])) << BigInt(2 * random.between(0, 3));
  const value = random.chance(45) ? scene.control(task) ^ flip : dr7(scene);
  return [
    { op: 'poke', task: task.name, reg: 7, val: hex(value), ...(random.chance(4) ? { as: 'nobody' } : {}) },
  ] as PlannedStep[];
};

/** One slot watched at a place: its address, then DR7 with what it had for the others. */
export const watch: Action = (scene) => {
  const task = tracee(scene);
  if (task === undefined) return [];
  const { random } = scene;
  const slot = random.between(0, 3);
  const type = random.weighted(TYPES);
  const address = type === 0 ? text(scene) : scene.place();
  scene.aim(address);
  const length = type === 0 ? 0 : fitting(random, address);
  const enable = BigInt(random.pick([1, 2, 3])) << BigInt(2 * slot);
  const fields = BigInt(type | (length << 2)) << BigInt(16 + 4 * slot);
  const others = scene.control(task) & ~((3n << BigInt(2 * slot)) | (0xfn << BigInt(16 + 4 * slot)));
  const control = others | enable | fields;
  // I/O is refused, and changes nothing.
  if (type !== 2) scene.setControl(task, control);
  return [
    { op: 'poke', task: task.name, reg: slot, val: hex(address) },
    { op: 'poke', task: task.name, reg: 7, val: hex(control) },
  ];
};

/** Lengths by their coding; mostly one that the address is aligned to. */
function fitting(random: Random, address: number): number {
  const fits = [0, 1, 2, 3].filter((coded) => address % (BYTES[coded] ?? 1) === 0);
  return random.chance(85) ? (random.oneOf(fits) ?? 0) : random.weighted(LENGTHS);
}

export const pokeStatus: Action = (scene) =>
  pokeStep(scene, 6, hex(scene.random.pick([0, 0xffff_0ff0, 0xffff_0ff1, 0x4000, 0xf, scene.random.bits()])));

export const pokeKernel: Action = (scene) =>
  pokeStep(scene, scene.random.between(0, 3), hex(scene.random.weighted(KERNEL_ADDRESSES)));

/** Anything, anywhere. */
export const pokeFuzz: Action = (scene) => {
  const { random } = scene;
  const value = random.weighted<() => bigint>([
    [4, () => dr7(scene)],
    [3, () => BigInt(scene.near())],
    [2, () => BigInt(random.bits())],
    [1, () => (BigInt(random.bits()) << 32n) | BigInt(random.bits())],
    [1, () => random.weighted(KERNEL_ADDRESSES)],
  ])();
  return pokeStep(scene, random.between(0, 8), hex(value));
};

export const peek: Action = (scene) => {
  const task = tracee(scene);
  return task === undefined ? [] : [{ op: 'peek', task: task.name, reg: scene.random.between(0, 8) }];
};
