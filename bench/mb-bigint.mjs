import { WatchFilter, FILTER_READ, CONDITION_READ, CONDITION_WRITE } from '@hwbp/core';
const COUNT = 1 << 14, SIZE = 1 << 15, BASE = 0x1000_0000;
const memory = new DataView(new ArrayBuffer(SIZE + 16));
let seed = 1; const random = () => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed >>> 16; };
const words_ = Int32Array.from({ length: COUNT }, () => BASE + ((random() << 2) & (SIZE - 4)));
const bigints = Array.from({ length: 1024 }, (_, i) => (BigInt(0x7fff) << 32n) | BigInt(BASE + i * 4));
const filter = new WatchFilter();
for (const [r, lo] of [0x20010000, 0x20010040, 0x20010080, 0x20010100].entries()) filter.arm(r, 3, 0x7fff, lo, 4);
let sinkv = 0;
const slow = (a, b) => { sinkv += a ^ b; };
const cell = new BigUint64Array(1); const w = new Int32Array(cell.buffer);
const dv = new DataView(new ArrayBuffer(8));
class F2 {
  #t; #cell = cell; #w = w; constructor(t) { this.#t = t; }
  a(part, address, size) { // asUintN number
    const lo = Number(BigInt.asUintN(32, address)) | 0;
    const t = this.#t;
    if (t[part | ((lo >>> 3) & 0xfff)] !== 0) return true;
    for (let o = 8; o < size; o += 8) if (t[part | (((lo + o) >>> 3) & 0xfff)] !== 0) return true;
    return false;
  }
  b(part, address, size) { // 15 bits
    const g = Number(BigInt.asUintN(15, address)) >>> 3;
    const t = this.#t;
    if (t[part | g] !== 0) return true;
    for (let o = 8; o < size; o += 8) if (t[part | ((g + (o >>> 3)) & 0xfff)] !== 0) return true;
    return false;
  }
  c(part, address, size) { // local cell, size<=8 fast
    cell[0] = address;
    if (this.#t[part | ((w[0] >>> 3) & 0xfff)] !== 0) return true;
    return size > 8 && this.rest(part, w[0], size);
  }
  d(part, address, size) { // dataview
    dv.setBigUint64(0, address, true);
    const lo = dv.getInt32(0, true);
    if (this.#t[part | ((lo >>> 3) & 0xfff)] !== 0) return true;
    return size > 8 && this.rest(part, lo, size);
  }
  e(part, address, size) { // asIntN 64 -> typed
    cell[0] = BigInt.asUintN(64, address);
    if (this.#t[part | ((w[0] >>> 3) & 0xfff)] !== 0) return true;
    return size > 8 && this.rest(part, w[0], size);
  }
  f(part, address, size) { // cells of its own
    this.#cell[0] = address;
    const lo = this.#w[0];
    if (this.#t[part | ((lo >>> 3) & 0xfff)] !== 0) return true;
    return size > 8 && this.rest(part, lo, size);
  }
  rest(part, lo, size) { const t = this.#t; for (let o = 8; o < size; o += 8) if (t[part | (((lo + o) >>> 3) & 0xfff)] !== 0) return true; return false; }
}
const f2 = new F2(filter.table);
const make = (body) => new Function('bigints', 'words', 'memory', 'filter', 'f2', 'slow', 'COUNT', 'SIZE', `return function(){let sum=0;for(let i=0;i<COUNT;i++){const lo=words[i];const address=bigints[i&1023];${body};sum=(sum+memory.getInt32(lo&(SIZE-1),true))|0;}return sum;}`)(bigints, words_, memory, filter, f2, slow, COUNT, SIZE);
const loops = { raw: make('if(address===undefined)slow(1,lo)'), now: make('if(filter.testAddress(0,address,4))slow(1,lo)') };
for (const k of 'abcdef') loops[k] = make(`if(f2.${k}(0,address,4))slow(1,lo)`);
const S = Object.fromEntries(Object.keys(loops).map((k) => [k, []]));
for (let r = 0; r < 400; r++) for (const k in loops) { const t = process.hrtime.bigint(); sinkv ^= loops[k](); const d = Number(process.hrtime.bigint() - t) / COUNT; if (r > 100) S[k].push(d); }
for (const k in S) { S[k].sort((a, b) => a - b); console.log(k, 'min', S[k][0].toFixed(2), 'q10', S[k][30].toFixed(2), 'ratio', (S[k][30] / S.raw[30]).toFixed(2)); }
