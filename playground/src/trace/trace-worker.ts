import { CliError } from '@hwbp/cli/portable';
import type { TraceAnswer, TraceCommand } from './messages.js';
import { replayTrace } from './replay-trace.js';
import { traceBuffer } from './trace-buffer.js';

/** What looks at the bytes of traces works with Node's kind of them. */
Object.assign(globalThis, { Buffer: traceBuffer() });

/** What a worker has of its global object. */
interface Port {
  postMessage(answer: TraceAnswer): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<TraceCommand>) => void): void;
}

const port = globalThis as unknown as Port;
const say = (answer: TraceAnswer): void => port.postMessage(answer);

let enough = false;
let cancel = (): void => {};
const listener = {
  get enough() {
    return enough;
  },
  happened: new Promise<undefined>((resolve) => {
    cancel = () => resolve(undefined);
  }),
};

port.addEventListener('message', ({ data }) => {
  if (data.kind === 'cancel') {
    enough = true;
    cancel();
    return;
  }
  replayTrace(data.request, listener, say).catch((error: unknown) => {
    const remedy = error instanceof CliError ? error.remedy : undefined;
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error), remedy });
  });
});
