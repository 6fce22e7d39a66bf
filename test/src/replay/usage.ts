import test from 'ava';
import { hwbp } from './run-cli.js';

/** A command line that cannot be, and what the user is told. */
export type UsageError = readonly [title: string, args: readonly string[], ...says: RegExp[]];

/** A test for each: nothing is run, and the cause and the remedy are said. */
export function testUsage(errors: readonly UsageError[]): void {
  for (const [title, args, ...says] of errors) {
    test(`${title}: exit code 2, the cause and the remedy`, async (t) => {
      const { code, stdout, stderr } = await hwbp(args);
      t.is(code, 2);
      t.is(stdout, '');
      t.true(stderr.startsWith('hwbp: '));
      for (const pattern of says) t.regex(stderr, pattern);
      t.notRegex(stderr, /\n {4}at /, 'no stack');
    });
  }
}
