import { gzipSync } from 'node:zlib';
import { fc, testProp } from '@fast-check/ava';
import { GunzipError, gunzip, traceBuffer, watchTexts } from '@hwbp/playground/trace';
import test from 'ava';

const PageBuffer = traceBuffer();
/** Text of which pieces come again. */
const text = (most: number) =>
  fc.string({ unit: fc.constantFrom('I', ' ', '=', '-', 'L', '0', '\n'), maxLength: most });

testProp(
  'bytes in the page are looked through as Node looks through them',
  [text(60), text(4).filter((wanted) => wanted !== ''), fc.nat(70)],
  (t, all, wanted, from) => {
    const [own, nodes] = [PageBuffer.from(all), Buffer.from(all)];
    t.is(own.indexOf(wanted, from, 'latin1'), nodes.indexOf(wanted, from, 'latin1'));
    t.is(own.indexOf(wanted), nodes.indexOf(wanted));
    t.is(own.lastIndexOf(wanted, from), nodes.lastIndexOf(wanted, from));
    t.is(own.lastIndexOf(wanted), nodes.lastIndexOf(wanted));
    t.is(own.includes(wanted, from), nodes.includes(wanted, from));
  },
);

/** Bytes as they come, in pieces of a size. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, piece: number, block: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const one of gunzip(pieces(bytes, piece), block)) blocks.push(Buffer.from(one));
  for (const one of blocks.slice(0, -1)) if (one.length !== block) throw new RangeError(`a block of ${one.length}`);
  return Buffer.concat(blocks);
}

testProp(
  'gzip members one after the other are unpacked into blocks, however they come',
  [fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 500 })],
  async (t, members, size) => {
    const packed = Buffer.concat(members.map((member) => gzipSync(member)));
    const whole = Buffer.concat(members);
    t.deepEqual(await unpacked(packed, size, size), whole);
    t.deepEqual(await unpacked(Buffer.concat([packed, Buffer.alloc(9)]), size, 64), whole, 'zeros behind are padding');
    const cut = packed.subarray(0, packed.length - 1);
    t.is((await t.throwsAsync(unpacked(cut, size, size), { instanceOf: GunzipError }))?.code, 'Z_BUF_ERROR');
  },
);

test('watches are one a line, or one behind the other; names of C++ keep their spaces, commas and colons', (t) => {
  t.deepEqual(
    watchTexts('vault_total:w fees+44/4:rw,charge_fee:x\n\n  Map<int, long>::at(int, long) const:x  \na::w:w'),
    ['vault_total:w', 'fees+44/4:rw', 'charge_fee:x', 'Map<int, long>::at(int, long) const:x', 'a::w:w'],
  );
  t.deepEqual(watchTexts(' \n'), []);
});
