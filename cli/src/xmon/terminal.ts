import { createInterface, type Interface } from 'node:readline';
import type { Output } from '../output.js';
import { type History, MOST_LINES } from './history.js';

/**
 * Where somebody types: a terminal, with line editing and history, or a script on standard input, whose lines are shown
 * behind their prompts.
 */
export class Terminal {
  /** Ctrl-C, or the signal. @settable */
  onInterrupt: () => void = () => {};
  readonly #output: Output;
  readonly #history: History;
  readonly #reader: Interface;
  readonly #isTerminal: boolean;
  /** Read, and not asked for yet. */
  readonly #lines: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;
  readonly #signal = (): void => this.onInterrupt();

  constructor(output: Output, history: History) {
    const { stdin: input, stdout } = process;
    this.#output = output;
    this.#history = history;
    this.#isTerminal = input.isTTY === true && stdout.isTTY === true;
    this.#reader = this.#isTerminal
      ? createInterface({
          input,
          output: stdout,
          terminal: true,
          history: history.lines.toReversed().slice(0, MOST_LINES),
          historySize: MOST_LINES,
          removeHistoryDuplicates: true,
        })
      : createInterface({ input, terminal: false });
    this.#reader.on('line', (line) => this.#take(line));
    this.#reader.on('close', () => this.#end());
    this.#reader.on('SIGINT', this.#signal);
    process.on('SIGINT', this.#signal);
  }

  /** True if somebody sits there. */
  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** Prints something on lines of its own. */
  say(text: string): void {
    if (text !== '') this.#output.write(`${text}\n`);
    this.#output.flush();
  }

  /** The next line; `undefined`: there is no more. */
  async ask(prompt: string): Promise<string | undefined> {
    this.#output.flush();
    const early = this.#lines.shift();
    const line = early ?? (this.#ended ? undefined : await this.#read(prompt));
    if (line === undefined) return undefined;
    this.#history.add(line);
    if (!this.#isTerminal || early !== undefined) this.say(`${prompt}${line}`);
    return line;
  }

  /** What was being typed is thrown away; the prompt is shown again. */
  clearLine(): void {
    this.#output.write('\n');
    this.#output.flush();
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    this.#reader.prompt();
  }

  /** No more lines. */
  close(): void {
    process.off('SIGINT', this.#signal);
    this.#reader.close();
  }

  #read(prompt: string): Promise<string | undefined> {
    if (this.#isTerminal) {
      this.#reader.setPrompt(prompt);
      this.#reader.prompt();
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }

  #end(): void {
    this.#ended = true;
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }
}
