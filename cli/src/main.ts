import { endWhenUnwritable } from './output.js';
import { runCommand } from './run-command.js';

endWhenUnwritable(process.stdout, 'standard output');
endWhenUnwritable(process.stderr, 'standard error');
process.exitCode = await runCommand(process.argv.slice(2));
// A standard input that is not read to its end would keep the process.
process.stdin.destroy();
