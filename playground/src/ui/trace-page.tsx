import { INTERRUPTED } from '@hwbp/cli/portable';
import { useEffect, useRef, useState } from 'preact/hooks';
import { chosenFiles } from '../trace/chosen-files.js';
import { machineOf } from '../trace/machine.js';
import type { TraceEnd, TraceResult } from '../trace/messages.js';
import { bytesOf } from '../trace/page-file.js';
import { TraceClient } from '../trace/trace-client.js';
import { TRACED } from '../trace/traced.js';
import { watchTexts } from '../trace/watch-texts.js';
import { Check, Choice, Name, Whole } from './fields.js';
import { TraceAnswerView } from './trace-answer.js';
import { FileField, Lines } from './trace-fields.js';

/** The most that the command takes. */
const MOST_CPUS = 4096;
const MOST_TASKS = 1024;
/** Bytes that an ELF header has at most. */
const HEADER = 64;

/** What is told besides the answer. */
interface Message {
  readonly text: string;
  readonly remedy?: string | undefined;
}

const messageOf = (error: unknown): Message => {
  if (!(error instanceof Error)) return { text: String(error) };
  return { text: error.message, remedy: 'remedy' in error ? String(error.remedy) : undefined };
};

/** A trace of one's own: who touched the variable, without a byte that leaves the machine. */
export function TracePage() {
  const [trace, setTrace] = useState<File>();
  const [program, setProgram] = useState<File>();
  const [machine, setMachine] = useState<string>();
  const [libraries, setLibraries] = useState<readonly File[]>([]);
  const [watches, setWatches] = useState('');
  const [arch, setArch] = useState<keyof typeof TRACED>('x86');
  const [cpus, setCpus] = useState(1);
  const [tasks, setTasks] = useState(1);
  const [bias, setBias] = useState('');
  const [strict, setStrict] = useState(false);
  const [result, setResult] = useState<TraceResult>();
  const [end, setEnd] = useState<TraceEnd>();
  const [progress, setProgress] = useState<{ readonly read: number; readonly size: number }>();
  const [message, setMessage] = useState<Message>();
  const client = useRef<TraceClient>(undefined);
  const [running, setRunning] = useState(false);

  useEffect(() => () => client.current?.stop(), []);

  const stopped = (): void => {
    client.current = undefined;
    setRunning(false);
    setProgress(undefined);
  };
  const start = (): void => {
    client.current?.stop();
    stopped();
    setResult(undefined);
    setEnd(undefined);
    setMessage(undefined);
    if (trace === undefined) {
      setMessage({ text: 'choose the trace that Lackey wrote' });
      return;
    }
    const [name = arch, cpu] = arch.split(' ');
    const options = {
      arch: name,
      cpus: String(cpus),
      tasks: String(tasks),
      strict,
      ...(cpu === undefined ? {} : { cpu }),
      ...(bias === '' ? {} : { loadBias: bias }),
    };
    setRunning(true);
    client.current = new TraceClient({ trace, program, libraries, watches: watchTexts(watches), options }, (answer) => {
      if (answer.kind === 'progress') setProgress(answer);
      else stopped();
      if (answer.kind === 'failed') {
        setMessage({ text: answer.message, remedy: answer.remedy });
        // What was found until then stays; nothing is no answer.
        setResult((found) => (found?.steps === 0 ? undefined : found));
        return;
      }
      setResult(answer.result);
      if (answer.kind !== 'done') return;
      setEnd(answer.end);
      if (!answer.end.whole) setMessage({ text: `cancelled: ${INTERRUPTED}` });
    });
  };
  const cancel = (): void =>
    client.current?.cancel(() => {
      stopped();
      setMessage({ text: `cancelled: ${INTERRUPTED}` });
    });
  /** Chooses the program, and the architecture that it is for. */
  const choose = async (file: File | undefined): Promise<void> => {
    setProgram(file);
    setMachine(undefined);
    if (file === undefined) return;
    try {
      const found = machineOf(await bytesOf('program', file, HEADER));
      if (found === undefined) return;
      setMachine(found.name);
      if (!arch.startsWith(found.traced.split(' ', 1)[0] ?? '')) setArch(found.traced);
    } catch (error) {
      setMessage(messageOf(error));
    }
  };
  const take = async (files: readonly File[]): Promise<void> => {
    setMessage(undefined);
    try {
      const chosen = await chosenFiles(files);
      if (chosen.trace !== undefined) setTrace(chosen.trace);
      if (chosen.program !== undefined) await choose(chosen.program);
      if (chosen.libraries.length > 0) setLibraries(chosen.libraries);
    } catch (error) {
      setMessage(messageOf(error));
    }
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  };
  const other = machine !== undefined && !arch.startsWith(machine.split('-', 1)[0] ?? '');
  return (
    <main class="trace-page" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      <section aria-labelledby="your-trace">
        <h2 id="your-trace">Who wrote it?</h2>
        <p>
          Record with <code>valgrind -v -v --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM</code>, and drop the
          trace (plain or gzipped) and the program here, and libraries whose functions shall have names. Nothing leaves
          this machine: the page cannot send anything.
        </p>
        <FileField label="trace" files={trace && [trace]} change={([file]) => setTrace(file)} />
        <FileField label="program (ELF, --elf)" files={program && [program]} change={([file]) => choose(file)} />
        <FileField label="libraries (ELF)" files={libraries} multiple change={setLibraries} />
        <Lines label="watches, one a line (--watch)" value={watches} change={setWatches} />
        <p>
          A watch is SYMBOL[+OFFSET][/LEN]:TYPE or ADDRESS[/LEN]:TYPE, such as <code>vault_total:w</code>; SYMBOL as nm
          or c++filt print it, or a part of a variable such as <code>bank::accounts[7].balance</code>; TYPE is w, rw, r
          or x.
        </p>
        <Choice label="architecture (--arch, --cpu)" value={arch} titles={TRACED} change={setArch} />
        {other && (
          <p data-testid="other-machine">
            {program?.name} is a program for {machine}: its trace is replayed on the registers of another architecture.
          </p>
        )}
        <Whole label="CPUs (--cpus)" value={cpus} least={1} most={MOST_CPUS} change={(value) => setCpus(value ?? 1)} />
        <Whole
          label="tasks, each of which replays the trace (--tasks)"
          value={tasks}
          least={1}
          most={MOST_TASKS}
          change={(value) => setTasks(value ?? 1)}
        />
        <Name label="loaded at, where the trace does not show it (--load-bias)" value={bias} live change={setBias} />
        <Check label="refuse lines that are none of Lackey's (--strict)" value={strict} change={setStrict} />
        <div class="bar">
          <button type="button" class="primary" onClick={start} disabled={running}>
            Replay
          </button>
          <button type="button" onClick={cancel} disabled={!running}>
            Cancel
          </button>
          {progress !== undefined && (
            <progress aria-label="How far the trace is read" max={progress.size} value={progress.read} />
          )}
        </div>
        {message !== undefined && (
          <p class="message" role="alert" data-testid="trace-message">
            {message.text}
            {message.remedy !== undefined && (
              <>
                <br />
                <small>{message.remedy}</small>
              </>
            )}
          </p>
        )}
      </section>
      {result !== undefined && <TraceAnswerView result={result} end={end} name={trace?.name ?? 'trace'} />}
    </main>
  );
}
