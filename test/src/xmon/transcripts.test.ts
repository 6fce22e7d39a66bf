import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, architecture } from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import { ROOT } from '../replay/run-cli.js';
import { lostCount } from './lost-count.js';
import { transcript } from './support.js';

const PROMPT = /^[0-9a-f]+:mon> (.*)$/gm;

/** What was typed in a session. */
function typedIn(session: string): string[] {
  return [...session.matchAll(PROMPT)].map(([, line = '']) => line);
}

const SESSIONS: Readonly<Record<string, Architecture>> = {
  power7: ppc64({ cpu: 'power7' }),
  power10: ppc64({ cpu: 'power10' }),
  x86: x86(),
  fake: architecture(fakeBackend({ slots: 2, timing: 'before' })),
};

for (const [name, arch] of Object.entries(SESSIONS)) {
  test(`a whole session, line by line: ${name}`, (t) => {
    const session = readFileSync(path.join(ROOT, `test/fixtures/xmon/${name}.txt`), 'utf8');
    using kernel = lostCount(arch);
    t.deepEqual(`${transcript(kernel, typedIn(session))}\n`.split('\n'), session.split('\n'));
  });
}

test('the session of the README, on POWER8', (t) => {
  const readme = readFileSync(path.join(ROOT, 'consumers/xmon/README.md'), 'utf8');
  const session = /^```\n(CPU 0x0: entered by order\n.*?)^```$/ms.exec(readme)?.[1] ?? '';
  using kernel = lostCount(ppc64({ cpu: 'power8' }));
  t.deepEqual(`${transcript(kernel, typedIn(session))}\n`.split('\n'), session.split('\n'));
});
