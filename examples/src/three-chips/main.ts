// One program, one watched byte, three architectures: node examples/dist/three-chips/main.js
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CHIPS } from './chips.js';
import { compare } from './reasons.js';
import { answers } from './requests.js';
import { countHits, debugTrace } from './watch-lamp.js';

// From examples/dist/three-chips.
const trace = path.join(import.meta.dirname, '../../panel/panel.trace.gz');
const text = gunzipSync(readFileSync(trace));

console.log(
  'a real program (examples/panel), and its 1-byte variable lamp, which shares a doubleword with three others\n',
);
const seen = CHIPS.map((chip) => ({ chip, ...debugTrace(chip, text), hits: countHits(chip, text) }));
for (const line of compare(seen)) console.log(line);
console.log('');
for (const line of answers(CHIPS)) console.log(line);
