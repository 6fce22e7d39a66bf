import type { PlannedStep } from '../plan.js';
import type { Weighted } from './random.js';
import { type Action, hex, type Scene } from './scene.js';
import { tracee } from './task-actions.js';

const STORES = ['st1', 'st2', 'st4', 'st8'] as const;
const INSTRUCTIONS: Weighted<string> = [
  [4, 'ld1'],
  [3, 'ld2'],
  [4, 'ld4'],
  [6, 'ld8'],
  [2, 'ld16'],
  [8, 'st1'],
  [6, 'st2'],
  [8, 'st4'],
  [12, 'st8'],
  [3, 'st16'],
  [2, 'st32'],
  [2, 'add1'],
  [2, 'add2'],
  [2, 'add4'],
  [3, 'add8'],
  [2, 'xchg8'],
  [3, 'cas8'],
  [2, 'movsq'],
  [4, 'repstosb'],
  [4, 'repmovsb'],
  [2, 'repmovsq'],
  [2, 'push'],
  [2, 'pop'],
  [3, 'st8x2'],
  [1, 'prefetch'],
  [3, 'ldst8'],
  [2, 'movss'],
];

/** Stub k is at 0x20001000 + 0x40 * k. Some instructions, and where those that follow them begin. */
const STUBS = 0x2000_1000;
const STUB_STRIDE = 0x40;
const SLED = 0x2000_2000;
const SLED_END = 0x2000_2100;
const SLED_3 = 0x2000_2200;
const SLED_3_END = 0x2000_2231;
const SYSTEM_CALL = 0x2000_1600;

/** Text addresses where an execute breakpoint is likely to be met by {@link access}, {@link nops} or {@link sys}. */
export function text(scene: Scene): number {
  const { random } = scene;
  return random.weighted([
    [5, SLED + random.between(0xf0, 0xff)],
    [1, SLED_END],
    [2, SLED_3 + 3 * random.between(8, 15)],
    [1, SLED_3 + random.between(24, 48)],
    [2, STUBS + STUB_STRIDE * random.pick([5, 7, 8, 8, 17, 18, 21, 23, 25])],
    [1, STUBS + STUB_STRIDE * random.pick([8, 13, 17, 21, 23]) + random.pick([2, 3, 4])],
    [1, random.pick([SYSTEM_CALL, SYSTEM_CALL + 2])],
    [1, random.pick([0x2000_000c, 0x2000_000e])],
  ]);
}

/** How a step resumes: single steps and EFLAGS.RF, rarely. */
function mode(scene: Scene, rf: number, step: number): Partial<PlannedStep> {
  return {
    ...(scene.random.chance(rf) ? { rf: 1 } : {}),
    ...(scene.random.chance(step) ? { mode: 'step' } : {}),
  };
}

/** Bytes of the data memory that an access may begin at: it may run beyond the end, never before the beginning. */
const clamp = (address: number): string => hex(Math.max(0x1000_0000, address));

/** One instruction near a place, `simple` only stores. */
function accessStep(
  scene: Scene,
  simple: boolean,
  percent: { readonly rf: number; readonly step: number },
): PlannedStep[] {
  const task = tracee(scene);
  if (task === undefined) return [];
  const { random } = scene;
  const insn = simple ? random.pick(STORES as unknown as [string, ...string[]]) : random.weighted(INSTRUCTIONS);
  const moves = insn.startsWith('repmovs') || insn === 'movsq';
  return [
    {
      op: 'access',
      task: task.name,
      insn,
      addr: clamp(scene.near()),
      ...(moves ? { src: clamp(scene.near() + random.pick([0, 0x100, 0x1000])) } : {}),
      ...(insn.startsWith('rep') ? { n: random.between(0, insn === 'repmovsq' ? 5 : 20) } : {}),
      ...mode(scene, percent.rf, percent.step),
      ...(insn === 'cas8' ? { ok: random.between(0, 1) } : {}),
    } as PlannedStep,
  ];
}

export const access: Action = (scene) => accessStep(scene, false, { rf: 4, step: 8 });
export const store: Action = (scene) => accessStep(scene, true, { rf: 1, step: 3 });
export const steppedAccess: Action = (scene) => accessStep(scene, false, { rf: 20, step: 70 });

/** Into one of the sleds, mostly a little before a breakpoint there. */
function sledStart(scene: Scene): number {
  const { random } = scene;
  const aimed = random.chance(70) ? scene.aimed(SLED, SLED_3_END) : undefined;
  if (aimed === undefined)
    return random.chance(75) ? SLED + random.between(0xee, 0xff) : SLED_3 + 3 * random.between(7, 15);
  if (aimed < SLED_3) return Math.max(SLED, aimed - random.between(0, 4));
  return SLED_3 + 3 * Math.max(0, Math.floor((aimed - SLED_3) / 3) - random.between(0, 3));
}

function nopsStep(scene: Scene, rf: number, step: number): PlannedStep[] {
  const task = tracee(scene);
  if (task === undefined) return [];
  const from = sledStart(scene);
  return [{ op: 'nops', task: task.name, from: hex(from), ...mode(scene, rf, step) } as PlannedStep];
}

export const nops: Action = (scene) => nopsStep(scene, 12, 15);
export const steppedNops: Action = (scene) => nopsStep(scene, 25, 80);

export const sys: Action = (scene) => {
  const task = tracee(scene);
  if (task === undefined) return [];
  const { random } = scene;
  const call = random.pick(['getresuid', 'getresuid', 'read_zero', 'read_pipe', 'write_pipe']);
  const where = (): string => clamp(scene.near());
  const what =
    call === 'getresuid' ? { a: where(), b: where(), c: where() } : { addr: where(), len: random.between(1, 24) };
  return [{ op: 'sys', task: task.name, call, ...what, ...mode(scene, 0, 12) } as PlannedStep];
};

export const remoteWrite: Action = (scene) => {
  const task = tracee(scene);
  if (task === undefined) return [];
  const via = scene.random.pick(['pokedata', 'vm_writev', 'proc_mem']);
  return [{ op: 'remote_write', task: task.name, addr: clamp(scene.near()), via }];
};

/** Where the recorder's own page is watched. */
export const SELF_PAGE = 0x3000_0000;

export const selfStore: Action = (scene) => [
  { op: 'self_store', addr: hex(SELF_PAGE + scene.random.pick([0, 0, 0, 4, 8, 16, 0xff8])) },
];
