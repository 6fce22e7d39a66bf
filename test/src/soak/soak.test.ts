import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { directScheduler, perfEvents } from '@hwbp/core';
import test from 'ava';
import { type SoakSubject, soak } from './soak.js';

const SUBJECTS: Readonly<Record<string, SoakSubject>> = {
  'x86, events': { arch: x86, scheduler: perfEvents },
  'x86, direct': { arch: x86, scheduler: directScheduler },
  'arm64, events': { arch: arm64, scheduler: perfEvents },
  'ppc64, events': { arch: () => ppc64({ cpu: 'power10' }), scheduler: perfEvents },
};

for (const [name, subject] of Object.entries(SUBJECTS)) {
  test(`a kernel on which 3,000 tasks come and go holds what it held before (${name})`, (t) => {
    t.notThrows(() => soak(subject, 20_091_108, 3000, 500));
  });
}
