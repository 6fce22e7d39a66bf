import { runOnProcess } from '@hwbp/scaffold';
import { createArch } from './create-arch.js';

await runOnProcess(createArch);
