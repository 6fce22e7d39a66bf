// Hardware breakpoints in an emulator of your own: node examples/dist/own-cpu/main.js
import { faultBefore } from './fault-before.js';
import { trapAfter } from './trap-after.js';

const say = (line: string): void => console.log(line);

say('trap after the access (x86):');
trapAfter(say);
say('fault before the access (DABR-like):');
faultBefore(say);
