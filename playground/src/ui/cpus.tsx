import type { RegisterView } from '../model/registers/register-view.js';
import type { CpuView, SlotView } from '../model/state-view.js';
import { Head } from './head.js';
import { Mark } from './mark.js';
import { Register } from './register.js';
import { Scroll } from './scroll.js';

/** Registers beyond which those that hold nothing are folded away. */
const MANY = 10;
const NOTHING = /^0x0+$/;

/** The registers of one CPU; of many those that hold nothing are behind the others. */
function Registers({ cpu, changed }: { readonly cpu: CpuView; readonly changed: ReadonlySet<string> }) {
  const { index, registers } = cpu;
  const empty = ({ name, value }: RegisterView): boolean =>
    registers.length > MANY && NOTHING.test(value) && !changed.has(`cpu ${index} ${name}`);
  const shown = registers.filter((register) => !empty(register));
  const folded = registers.filter(empty);
  const list = (some: readonly RegisterView[]) =>
    some.map((register) => <Register key={register.name} cpu={index} register={register} changed={changed} />);
  return (
    <>
      {list(shown)}
      {folded.length > 0 && (
        <details class="folded">
          <summary>{folded.length} registers hold 0</summary>
          {list(folded)}
        </details>
      )}
    </>
  );
}

interface SlotsProps {
  readonly cpu: number;
  readonly slots: readonly SlotView[];
  readonly changed: ReadonlySet<string>;
  readonly label: string;
}

/** Who holds which register, as a kernel's books say. */
function Slots({ cpu, slots, changed, label }: SlotsProps) {
  return (
    <Scroll label={label}>
      <table class="slots">
        <Head titles={['register', 'holder', 'watches', 'for', 'hits since it is there']} />
        <tbody>
          {slots.map(({ register, owner, what, task: whose, hits }) => (
            <tr key={register} class={owner === undefined ? 'free' : ''}>
              <th scope="row">
                {register}
                <Mark on={changed.has(`cpu ${cpu} slot ${register}`)} />
              </th>
              <td>{owner ?? 'free'}</td>
              <td>{what}</td>
              <td>{owner === undefined ? '' : (whose ?? 'whatever runs')}</td>
              <td>
                {owner === undefined ? '' : hits.toLocaleString('en')}
                <Mark on={owner !== undefined && changed.has(`cpu ${cpu} hits ${register}`)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const NONE: ReadonlySet<string> = new Set();

interface CpuPanelProps {
  readonly cpu: CpuView;
  readonly changed: ReadonlySet<string>;
  /** There are many: what the registers hold is folded away at first. */
  readonly many: boolean;
}

/** One CPU: who is in its registers, and what these hold. */
export function CpuPanel({ cpu, changed, many }: CpuPanelProps) {
  const { index, task, pc, clock, slots, silicon, aside } = cpu;
  return (
    <section class="cpu" aria-labelledby={`cpu-${index}`}>
      <h3 id={`cpu-${index}`}>
        CPU {index}{' '}
        <small>
          {task === undefined ? 'idle' : `${task} at ${pc}`}, {(clock / 1e6).toFixed(3)} ms
          <Mark on={changed.has(`cpu ${index} task`)} />
        </small>
      </h3>
      {aside !== undefined && (
        <p class="silicon">
          The silicon holds the registers of the <strong>{silicon}</strong>
          <Mark on={changed.has(`cpu ${index} silicon`)} />.
        </p>
      )}
      <Slots cpu={index} slots={slots} changed={changed} label={`Who holds the debug registers of CPU ${index}`} />
      {many ? (
        <details class="folded">
          <summary>What the registers hold</summary>
          <Registers cpu={cpu} changed={changed} />
        </details>
      ) : (
        <Registers cpu={cpu} changed={changed} />
      )}
      {aside !== undefined && (
        <details class="folded">
          <summary>Set aside: the registers of the {aside.of}</summary>
          <Slots
            cpu={index}
            slots={aside.slots}
            changed={NONE}
            label={`Set aside: who holds those of the ${aside.of}`}
          />
        </details>
      )}
    </section>
  );
}
