import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceAnswer, TraceRequest, TraceResult } from '../trace/messages.js';
import { TRACED } from '../trace/traced.js';
import { Choice, Name, Whole } from './fields.js';
import { numbered } from './numbered.js';
import { Scroll } from './scroll.js';

interface FileFieldProps {
  readonly label: string;
  readonly file: File | undefined;
  readonly change: (file: File | undefined) => void;
}

function FileField({ label, file, change }: FileFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input type="file" onChange={({ currentTarget }) => change(currentTarget.files?.[0])} />
      <span>{file === undefined ? '' : `${(file.size / 1e6).toFixed(1)} MB`}</span>
    </label>
  );
}

function Sites({ result }: { readonly result: TraceResult }) {
  return (
    <Scroll label="Who touched what is watched">
      <table data-testid="sites">
        <thead>
          <tr>
            {['watch', 'site', 'type', 'count', 'first step', 'last step', 'remark'].map((head) => (
              <th scope="col" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {numbered(result.sites).map(({ item: { watch, name, type, count, first, last, rare }, place }) => (
            <tr key={place}>
              <td>{watch}</td>
              <th scope="row">{name}</th>
              <td>{type}</td>
              <td>{count}</td>
              <td>{first}</td>
              <td>{last}</td>
              <td>{rare && <strong>rare: look here first</strong>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Registers({ result }: { readonly result: TraceResult }) {
  return (
    <Scroll label="Debug registers meanwhile">
      <table>
        <thead>
          <tr>
            {['CPU', 'register', 'address', 'watch', 'owner', 'hits'].map((head) => (
              <th scope="col" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {result.registers.map(({ cpu, register, address, watch, owner, hits }) => (
            <tr key={`${cpu} ${register}`} class={address === undefined ? 'free' : ''}>
              <td>{cpu}</td>
              <th scope="row">{register}</th>
              <td>{address ?? 'free'}</td>
              <td>{watch}</td>
              <td>{owner}</td>
              <td>{address === undefined ? '' : hits}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const number = new Intl.NumberFormat('en');

/** A trace of one's own: who touched the variable, without a byte that leaves the machine. */
export function TracePage() {
  const [trace, setTrace] = useState<File>();
  const [program, setProgram] = useState<File>();
  const [watches, setWatches] = useState('');
  const [arch, setArch] = useState<keyof typeof TRACED>('x86');
  const [cpus, setCpus] = useState(1);
  const [bias, setBias] = useState('');
  const [answer, setAnswer] = useState<TraceAnswer>();
  const [message, setMessage] = useState('');
  const worker = useRef<Worker>(undefined);
  const [running, setRunning] = useState(false);

  const stop = (): void => {
    worker.current?.terminate();
    worker.current = undefined;
    setRunning(false);
  };
  useEffect(() => stop, []);

  const start = (): void => {
    stop();
    setAnswer(undefined);
    if (trace === undefined) {
      setMessage('choose the trace that Lackey wrote');
      return;
    }
    if (bias !== '' && !/^0x[0-9a-f]{1,16}$/i.test(bias)) {
      setMessage('the load address is a number such as 0x108000');
      return;
    }
    setMessage('');
    const made = new Worker(new URL('../trace/trace-worker.ts', import.meta.url), { type: 'module' });
    made.addEventListener('message', ({ data }: MessageEvent<TraceAnswer>) => {
      setAnswer((before) => (data.kind === 'failed' ? before : data));
      if (data.kind === 'failed') setMessage(data.message);
      if (data.kind !== 'progress') stop();
    });
    made.addEventListener('error', (event) => {
      setMessage(`the replay has failed: ${event.message}`);
      stop();
    });
    const texts = watches.split(/[\s,]+/).filter((text) => text !== '');
    const loadBias = bias === '' ? undefined : BigInt(bias);
    const [name = arch, cpu] = arch.split(' ');
    made.postMessage({ trace, program, watches: texts, arch: name, cpu, cpus, loadBias } satisfies TraceRequest);
    worker.current = made;
    setRunning(true);
  };
  const cancel = (): void => {
    stop();
    setMessage('cancelled: what happened later in the trace was not looked at');
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) {
      if (/\.(gz|trace|log|txt)$/i.test(file.name)) setTrace(file);
      else setProgram(file);
    }
  };
  const result = answer === undefined || answer.kind === 'failed' ? undefined : answer.result;
  return (
    <main class="trace-page" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      <section aria-labelledby="your-trace">
        <h2 id="your-trace">Who wrote it?</h2>
        <p>
          Record with <code>valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM</code>, and drop the trace
          (plain or gzipped) and the program here. Nothing leaves this machine: the page cannot send anything.
        </p>
        <FileField label="trace" file={trace} change={setTrace} />
        <FileField label="program (ELF)" file={program} change={setProgram} />
        <Name label="watches" value={watches} most={1000} live change={setWatches} />
        <Choice label="architecture" value={arch} titles={TRACED} change={setArch} />
        <Whole label="CPUs" value={cpus} least={1} most={8} change={(value) => setCpus(value ?? 1)} />
        <Name label="loaded at (where the trace does not show it)" value={bias} live change={setBias} />
        <p>
          A watch is SYMBOL[+OFFSET][/LEN]:TYPE or ADDRESS[/LEN]:TYPE, such as <code>vault_total:w</code>; TYPE is w,
          rw, r or x.
        </p>
        <div class="bar">
          <button type="button" class="primary" onClick={start} disabled={running}>
            Replay
          </button>
          <button type="button" onClick={cancel} disabled={!running}>
            Cancel
          </button>
          {answer?.kind === 'progress' && (
            <progress aria-label="How far the trace is read" max={answer.size} value={answer.read} />
          )}
        </div>
        {message !== '' && (
          <p class="message" role="alert" data-testid="trace-message">
            {message}
          </p>
        )}
      </section>
      {result !== undefined && (
        <section aria-labelledby="answer">
          <h2 id="answer">Answer</h2>
          <p aria-live="polite" data-testid="answer">
            {answer?.kind === 'done' ? 'Replayed' : 'So far'}: {number.format(result.steps)} instructions,{' '}
            {number.format(result.hits)} hits, {result.seconds.toFixed(1)} s
          </p>
          <Sites result={result} />
          <Registers result={result} />
        </section>
      )}
    </main>
  );
}
