/**
 * Bytes of text that are replayed at a time, as the command does: tasks wait for each other at these borders, so the
 * answer is the same.
 */
const BLOCK = 512 * 1024;

/** The text of a trace, plain or gzipped, in blocks that are filled again. `read` hears of the file's own bytes. */
export async function* blocksOf(file: File, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const counted = file.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        read(chunk.length);
        controller.enqueue(chunk);
      },
    }),
  );
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const reader = (isGzip ? counted.pipeThrough(new DecompressionStream('gzip')) : counted).getReader();
  const block = new Uint8Array(BLOCK);
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (let at = 0; at < value.length; ) {
      const taken = Math.min(value.length - at, BLOCK - filled);
      block.set(value.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < BLOCK) continue;
      filled = 0;
      yield block;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
