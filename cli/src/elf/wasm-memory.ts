/** WebAssembly core specification, 5.5: the preamble's bytes, the section of memories. */
const PREAMBLE = 8;
const MEMORIES = 5;

/** A number without a sign (LEB128), and where the next thing begins. */
function unsigned(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new TypeError('this is no WebAssembly module: it ends within a number');
}

function encoded(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...encoded(Math.floor(value / 128))];
}

/**
 * A module like this one whose memory never has more than so many pages of 64 KiB: where it wants more, it fails.
 * Throws a TypeError for a module without a memory of its own.
 */
export function withMostPages(module: Uint8Array, pages: number): Uint8Array {
  for (let at = PREAMBLE; at < module.length; ) {
    const { value: size, next: body } = unsigned(module, at + 1);
    if (module[at] === MEMORIES) {
      const least = unsigned(module, unsigned(module, body).next + 1).value;
      // One memory, with a limit.
      const section = [1, 1, ...encoded(least), ...encoded(Math.max(least, pages))];
      const parts = [
        module.subarray(0, at),
        [MEMORIES, ...encoded(section.length), ...section],
        module.subarray(body + size),
      ];
      return Uint8Array.from(parts.flatMap((part) => [...part]));
    }
    at = body + size;
  }
  throw new TypeError('this WebAssembly module has no memory of its own');
}
