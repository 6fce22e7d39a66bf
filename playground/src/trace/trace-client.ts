import { containedWorker } from '../worker/contained-worker.js';
import type { TraceAnswer, TraceCommand, TraceRequest } from './messages.js';
import script from './trace-worker.ts?worker&url';

/** Milliseconds that a worker has for its last answer. */
const PATIENCE = 5000;

/** A replay in a worker of its own. */
export class TraceClient {
  readonly #worker = containedWorker(script);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins. `hear` gets all answers; the last one is no progress. */
  constructor(request: TraceRequest, hear: (answer: TraceAnswer) => void) {
    const end = (answer: TraceAnswer): void => {
      this.stop();
      hear(answer);
    };
    this.#worker.addEventListener('message', ({ data }: MessageEvent<TraceAnswer>) => {
      if (data.kind === 'progress') hear(data);
      else end(data);
    });
    this.#worker.addEventListener('error', ({ message }) =>
      end({ kind: 'failed', message: `the replay has failed: ${message}`, remedy: undefined }),
    );
    this.#tell({ kind: 'replay', request });
  }

  /** Nothing more is wanted: the worker tells what it has found, or is ended, of which `late` hears. */
  cancel(late: () => void): void {
    this.#tell({ kind: 'cancel' });
    this.#timer ??= setTimeout(() => {
      this.stop();
      late();
    }, PATIENCE);
  }

  /** Ends the worker, whatever it does. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
  }

  #tell(command: TraceCommand): void {
    this.#worker.postMessage(command);
  }
}
