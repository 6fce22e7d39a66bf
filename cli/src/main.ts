import { createProgram } from './create-program.js';
import { endWhenUnwritable } from './output.js';
import { tell } from './tell.js';

endWhenUnwritable(process.stdout, 'standard output');
endWhenUnwritable(process.stderr, 'standard error');
try {
  const words = process.argv.slice(2);
  await (await createProgram(words)).parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = tell(error);
}
// A standard input that is not read to its end would keep the process.
process.stdin.destroy();
