import { play } from './play.js';

const { kernel, report } = await play(process.argv.slice(2));
console.log(report);
kernel.dispose();
