import type { Random } from '../../random.js';
import { frame } from '../client.js';

/** Numbers that are likely to hurt, in hexadecimal. */
const NUMBERS = [
  '0',
  '1',
  '2',
  '4',
  '8',
  '10',
  'ff',
  '1000',
  '601000',
  '602000',
  '401000',
  '401008',
  'ffff888000000000',
  'fffffe0000000000',
  '7fffffffefff',
  'ffffffffffffffff',
  'fffffffffffffff8',
  '80000000',
  '7fffffff',
];
const LENGTHS = ['0', '1', '2', '3', '4', '7', '8', '9', '10', '41', '100', '1000', '4000', 'ffffffff'];
const THREADS = [
  '0',
  '-1',
  '1',
  '2',
  '3',
  'a',
  'ffff',
  'p1.1',
  'p1.2',
  'p1',
  'p1.-1',
  'p-1.-1',
  'p2.1',
  'p4.4',
  'p5',
  'p5.-1',
  'p',
  '',
];

type Make = (random: Random) => string;

const number: Make = (random) => random.pick(NUMBERS);
const length: Make = (random) => random.pick(LENGTHS);
const thread: Make = (random) => random.pick(THREADS);
/** As lldb names threads. */
const suffix: Make = (random) => (random.once(3) ? `;thread:${thread(random)};` : '');
const bytes = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.below(256).toString(16).padStart(2, '0')).join('');

/** Conditions: random bytecode, and loops that never end. */
function expressions(random: Random): string {
  return Array.from({ length: random.below(3) }, () => {
    const count = random.pick([1, 2, 4, 16, 300]);
    const code = random.pick([
      () => bytes(random, count),
      () => '210000',
      () => '220128210002',
      () => '2600002227',
      () => '25',
    ])();
    return `;X${(random.once(8) ? count + 1 : code.length / 2).toString(16)},${code}`;
  }).join('');
}

/** Well-formed packets, or nearly so, of every family. */
const FAMILIES: readonly Make[] = [
  (random) => `g${suffix(random)}`,
  (random) => `G${bytes(random, random.pick([0, 1, 308, 328]))}`,
  (random) => `p${number(random)}${suffix(random)}`,
  (random) =>
    `P${random.pick(['0', '10', '11', '18', 'ff'])}=${bytes(random, random.pick([1, 4, 8, 10]))}${suffix(random)}`,
  (random) => `m${number(random)},${length(random)}`,
  (random) => `M${number(random)},${length(random)}:${bytes(random, random.below(9))}`,
  (random) => `X${number(random)},${length(random)}:${random.pick(['', 'abc', '}\x03', '\xff\x00'])}`,
  (random) => `Z${random.below(6)},${number(random)},${length(random)}`,
  (random) => `z${random.below(6)},${number(random)},${length(random)}`,
  (random) => `Z2,${(0x60_1000 + random.below(64)).toString(16)},${random.pick(['1', '2', '4', '8'])}`,
  (random) => `Z${random.pick(['0', '1'])},${(0x40_1000 + 4 * random.below(4)).toString(16)},1`,
  (random) =>
    `Z${random.pick(['0', '1', '2'])},${(0x40_1000 + 4 * random.below(4)).toString(16)},1${expressions(random)}`,
  (random) => random.pick(['c', 's', `c${number(random)}`, `s${number(random)}`, 'C05', 'S05;401000']),
  (random) =>
    `vCont;${random.pick(['c', 's', `r${number(random)},${number(random)}`, 'C05', 'C1e', 'Sff'])}:${thread(random)}`,
  (random) => `vCont;s:${thread(random)};c`,
  (random) => `H${random.pick(['g', 'c', 'x'])}${thread(random)}`,
  (random) => `T${thread(random)}`,
  (random) =>
    `qXfer:${random.pick(['features', 'threads', 'auxv', 'siginfo'])}:read:${random.pick(['target.xml', '', 'x'])}:${number(random)},${length(random)}`,
  (random) =>
    random.pick([
      'qC',
      'qfThreadInfo',
      'qsThreadInfo',
      `qThreadExtraInfo,${thread(random)}`,
      'qAttached',
      'qOffsets',
      'vCont?',
      '?',
      'QStartNoAckMode',
      'qSupported:swbreak+;hwbreak+',
      'qSupported:multiprocess+;no-resumed+',
      'qSupported:multiprocess+;fork-events+;vfork-events+;exec-events+',
      `QCatchSyscalls:${random.pick(['0', '1', '1', `1;${number(random)};1`, '1;', '2', '0;1'])}`,
      // Of several processes one goes, and the session stays.
      `D;${random.pick(['4', '5', '6'])}`,
      `QPassSignals:${Array.from({ length: random.below(9) }, () => random.pick(['5', '0b', '1e', '14', 'ff', 'g', ''])).join(';')}`,
      `qSupported:${Array.from({ length: 100 }, () => `${number(random)}+`).join(';')}`,
    ]),
  (random) => `qRcmd,${random.pick(['627073', '776879', '68656c70', '00ff', '6', ''])}`,
];

/** Packets that end the session: rare, or nothing else would be tried. */
const LAST = ['D', 'k', 'vKill;1', 'D;1'];

function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const garbage = String.fromCharCode(random.below(256));
  const kind = random.below(4);
  if (kind === 0) return text.slice(0, at) + garbage + text.slice(at);
  if (kind === 1) return text.slice(0, at) + garbage + text.slice(at + 1);
  if (kind === 2) return text.slice(0, at) + text.slice(at + 1 + random.below(4));
  return text + text.slice(at).repeat(random.below(4));
}

/** The bytes of one packet: sound, damaged, or no packet at all. */
export function randomPacket(random: Random): string {
  let payload = random.once(400) ? random.pick(LAST) : random.pick(FAMILIES)(random);
  while (random.once(4)) payload = mutate(random, payload);
  if (random.once(50)) return String.fromCharCode(...Array.from({ length: random.below(40) }, () => random.below(256)));
  if (random.once(2000)) return frame('m'.repeat(20_000));
  const framed = frame(payload);
  return random.once(20) ? mutate(random, framed) : framed;
}
