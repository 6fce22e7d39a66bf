import { Client, frame, payloads } from '../../../kgdb/client.js';
import type { Look, Watch } from './look.js';
import type { Scene } from './scene.js';

type DebuggersLook = Extract<
  Look,
  { readonly look: 'insert' | 'take out' | 'go on' | 'interrupt' | 'read' | 'detach' | 'order' }
>;

const at = (address: bigint): string => address.toString(16);

/** GDB's numbers of signals where they are not Linux's. */
const GDB_SIGNALS: Readonly<Record<number, number>> = { 7: 10, 10: 30, 12: 31, 17: 20, 18: 19, 19: 17 };

/** The signal in an answer to qXfer:siginfo: its first word, in the target's byte order, is a small number. */
function siginfoOf(answer: string): { readonly reply: boolean; readonly number: string } {
  const bytes = [...answer.slice(1)].map((one) => one.charCodeAt(0));
  const linux = Math.max(0, ...bytes.slice(0, 4));
  const number = (GDB_SIGNALS[linux] ?? linux).toString(16).padStart(2, '0');
  return { reply: /^[lm]/.test(answer) && linux > 0, number };
}

/** A debugger that is attached to a scene, in this process. */
export class LookingDebugger {
  readonly client: Client;
  readonly #scene: Scene;
  readonly #place: (watch: Watch, point: number) => { readonly address: bigint; readonly length: number };
  readonly #points: string[] = [];
  /** Stops at breakpoints and watches. */
  stops = 0;

  constructor(
    scene: Scene,
    threads: 'cpus' | 'tasks',
    place: (watch: Watch, point: number) => { readonly address: bigint; readonly length: number },
  ) {
    this.#scene = scene;
    this.#place = place;
    this.client = new Client(scene.kernel, { threads });
  }

  get open(): boolean {
    return this.client.session.open;
  }

  /** Lets the machine execute, if the debugger lets it. */
  run(budget: number): void {
    const { session } = this.client;
    if (!session.running && !session.ended) this.client.raw(frame(this.#passing('c')));
    if (budget > 0) session.run(budget);
    this.#hear();
  }

  do(look: DebuggersLook): void {
    const { client } = this;
    if (look.look === 'detach') {
      if (client.session.running) this.#stop();
      client.session.close();
      return;
    }
    if (look.look === 'interrupt') {
      if (client.session.running) this.#stop();
      return;
    }
    if (client.session.running) this.#stop();
    if (client.session.ended) return;
    switch (look.look) {
      case 'insert': {
        const { address, length } = this.#place(look.watch, look.point);
        const point = `${look.point},${at(address)},${length}`;
        if (client.send(`Z${point}`) === 'OK') this.#points.push(point);
        return;
      }
      case 'take out': {
        const [point] = this.#points.splice(look.index % Math.max(1, this.#points.length), 1);
        if (point !== undefined) client.send(`z${point}`);
        return;
      }
      case 'read':
        client.send('g');
        client.send(`m${at(this.#scene.kernelWord(look.index))},8`);
        client.send(`m${at(this.#scene.userWord(look.index))},8`);
        client.monitor(look.index % 2 === 0 ? 'bps' : 'schedule');
        return;
      case 'go on':
        this.#goOn(look.how, look.thread, look.budget);
        return;
      case 'order':
        this.#order(look.what, look.thread, look.budget);
        return;
    }
  }

  #goOn(how: 'c' | 'step' | 'range' | 'all', index: number, budget: number): void {
    const thread = this.#thread(index);
    if (thread === undefined) return;
    const text = this.#scene.text(index, 0, index % 2 === 0 ? 'user' : 'kernel');
    const packet = {
      c: 'c',
      step: `vCont;s:${thread};c`,
      range: `vCont;r${at(text)},${at(text + 0x20n)}:${thread};c`,
      all: `vCont;c:${thread};c`,
    }[how];
    this.#resume(packet, budget);
  }

  #order(
    what: 'step alone' | 'continue alone' | 'write memory' | 'write a register',
    index: number,
    budget: number,
  ): void {
    const { client } = this;
    const thread = this.#thread(index);
    if (thread === undefined) return;
    if (what === 'write memory') client.send(`M${at(this.#scene.kernelWord(index))},1:${index}f`);
    else if (what === 'write a register') client.send(`P0=${'0'.repeat(7)}${index}${'0'.repeat(8)}`);
    else this.#resume(what === 'step alone' ? `vCont;s:${thread}` : `vCont;c:${thread}`, budget);
  }

  #resume(packet: string, budget: number): void {
    this.client.raw(frame(this.#passing(packet)));
    this.client.session.run(Math.min(budget, this.#scene.left));
    this.#hear();
  }

  /**
   * The same orders, and every signal that a thread has stopped for: a debugger that keeps one changes what happens.
   */
  #passing(packet: string): string {
    const { client } = this;
    const signals = this.#threads().flatMap((thread): (readonly [string, string])[] => {
      client.send(`Hg${thread}`);
      const { reply, number } = siginfoOf(client.send('qXfer:siginfo:read::0,4'));
      return reply ? [[thread, number]] : [];
    });
    if (signals.length === 0) return packet;
    const actions = packet === 'c' ? ['c'] : packet.split(';').slice(1);
    const named = new Set(actions.map((action) => action.split(':')[1]));
    const given = actions.map((action) => {
      const [how = 'c', thread] = action.split(':');
      const number = signals.find(([one]) => one === thread)?.[1];
      return number === undefined ? action : `${how === 'c' ? 'C' : 'S'}${number}:${thread}`;
    });
    const others = actions.includes('c') ? signals.filter(([thread]) => !named.has(thread)) : [];
    return ['vCont', ...others.map(([thread, number]) => `C${number}:${thread}`), ...given].join(';');
  }

  #hear(): void {
    if (/swbreak|hwbreak|watch/.test(this.client.take())) this.stops++;
  }

  #stop(): void {
    this.client.raw('\x03');
    // It stops before it executes anything.
    this.client.session.run(1);
    this.client.take();
  }

  /** One of the threads that there are. */
  #thread(index: number): string | undefined {
    const threads = this.#threads();
    return threads[index % Math.max(1, threads.length)];
  }

  #threads(): readonly string[] {
    const list = payloads(this.client.raw(frame('qfThreadInfo'))).at(-1) ?? '';
    return list.startsWith('m') ? list.slice(1).split(',') : [];
  }
}
