import test from 'ava';
import { CHROMIUM, findExecutable, withoutTool } from './need.js';

test('a missing tool skips its test with a reason that says how to get it, and fails it in CI', (t) => {
  t.deepEqual(withoutTool('a page', CHROMIUM, false), {
    title: 'a page; skipped: needs chromium (apt-get install chromium)',
    fails: false,
  });
  t.deepEqual(withoutTool('a page', CHROMIUM, true), {
    title: 'a page: needs chromium (apt-get install chromium)',
    fails: true,
  });
});

test('executables are found by their absolute path or on the search path, and only if they can be executed', (t) => {
  const tool = (...executables: string[]) => ({ name: 'x', install: 'y', executables });
  t.is(findExecutable(tool(process.execPath)), process.execPath);
  t.is(findExecutable(tool('no-such-program', 'sh'), '/nowhere:/bin'), '/bin/sh');
  t.is(findExecutable(tool('no-such-program')), undefined);
  t.is(findExecutable(tool(import.meta.filename)), undefined);
});
