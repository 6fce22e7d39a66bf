import { type ArchBackend, type Architecture, architecture } from '@hwbp/core';
import { arm64Defects } from './arm64.js';
import { coreRoomDefects } from './core-room.js';
import type { Defect } from './defect.js';
import { fakeDefects } from './fakes.js';
import { heronDefects } from './heron.js';
import { planted } from './plant.js';
import { ppc64Defects } from './ppc64.js';
import { riscv64Defects } from './riscv64.js';
import { x86DriverDefects } from './x86-driver.js';
import { x86SiliconDefects } from './x86-silicon.js';

/** What a defective backend is run as, by name. */
export type Subjects = Readonly<Record<string, () => Architecture>>;

/** A backend, and what somebody may get wrong in it. */
export interface DefectiveBackend {
  readonly name: string;
  readonly defects: readonly Defect[];
  /** Calls `use` with every variant of the backend that the defect may show on. */
  plant(defect: Defect, use: (subjects: Subjects) => void): Promise<void>;
}

function backend<Module>(
  name: string,
  place: Parameters<typeof planted>[0],
  entry: string,
  defects: readonly Defect[],
  subjects: (module: Module) => Readonly<Record<string, () => ArchBackend | Architecture>>,
): DefectiveBackend {
  return {
    name,
    defects,
    plant: (defect, use) =>
      planted<Module>(place, defect, entry, (module) => {
        const made = Object.entries(subjects(module)).map(([variant, create]): [string, () => Architecture] => [
          variant,
          () => {
            const one = create();
            return 'backend' in one ? one : architecture(one);
          },
        ]);
        use(Object.fromEntries(made));
      }),
  };
}

const BYTES = [1, 2, 3, 4, 5, 6, 7, 8];

export const defectiveBackends: readonly DefectiveBackend[] = [
  backend<typeof import('@hwbp/arch-x86')>(
    'x86',
    { sources: 'arch-x86/src', built: 'arch-x86/dist' },
    'index.js',
    [...x86SiliconDefects, ...x86DriverDefects],
    ({ x86 }) => ({
      'x86 with ranges': () => x86({ rangeBreakpoints: true }),
      'x86 of 32 bits': () => x86({ bits: 32, rangeBreakpoints: true }),
      'x86 of 32 bits without ranges': () => x86({ bits: 32 }),
      x86: () => x86(),
    }),
  ),
  backend<typeof import('@hwbp/arch-ppc64')>(
    'ppc64',
    { sources: 'arch-ppc64/src', built: 'arch-ppc64/dist' },
    'index.js',
    ppc64Defects,
    ({ ppc64 }) => ({
      power10: () => ppc64({ cpu: 'power10' }),
      power8: () => ppc64({ cpu: 'power8' }),
      power7: () => ppc64({ cpu: 'power7' }),
    }),
  ),
  backend<Pick<typeof import('@hwbp/testkit'), 'fakeBackend'>>(
    'fake',
    { sources: 'testkit/src/fakes', built: 'testkit/dist/fakes' },
    'index.js',
    [...fakeDefects, ...coreRoomDefects],
    ({ fakeBackend }) => ({
      'fake of 24': () => fakeBackend({ slots: { data: 16, instruction: 8 }, dataLengths: BYTES, alignment: 'any' }),
      'fake of 4, reported before': () => fakeBackend({ timing: 'before' }),
      'fake with room below its kernel': () =>
        fakeBackend({ manifest: { taskSize: 0x4000_0000_0000n, kernelStart: 0xffff_8000_0000_0000n } }),
      'fake without a resume flag': () => fakeBackend({ timing: 'before', manifest: { resumeFlag: false } }),
      'fake of 2 blocks': () =>
        fakeBackend({
          slots: { data: 2, instruction: 0 },
          access: ['r', 'w', 'rw'],
          dataLengths: BYTES,
          alignment: 'granule',
          timing: 'before',
        }),
    }),
  ),
  backend<typeof import('@hwbp/examples/toy-arch')>(
    'heron',
    { sources: 'examples/src/toy-arch', built: 'examples/dist/toy-arch' },
    'heron.js',
    heronDefects,
    ({ heron }) => ({ heron: () => heron() }),
  ),
  backend<typeof import('@hwbp/arch-arm64')>(
    'arm64',
    { sources: 'arch-arm64/src', built: 'arch-arm64/dist' },
    'index.js',
    arm64Defects,
    ({ arm64 }) => ({ arm64: () => arm64() }),
  ),
  backend<typeof import('@hwbp/arch-riscv64')>(
    'riscv64',
    { sources: 'arch-riscv64/src', built: 'arch-riscv64/dist' },
    'index.js',
    riscv64Defects,
    ({ riscv64 }) => ({
      'riscv64 of four triggers': () => riscv64(),
      'riscv64 of mcontrol, after': () => riscv64({ triggers: 2, triggerType: 'mcontrol', dataTiming: 'after' }),
      'riscv64 without hit bits': () => riscv64({ hitBits: false }),
    }),
  ),
];
