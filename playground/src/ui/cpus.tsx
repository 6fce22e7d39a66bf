import type { RegisterView } from '../model/registers/register-view.js';
import type { CpuView } from '../model/state-view.js';
import { Mark } from './mark.js';
import { Scroll } from './scroll.js';

function Register({
  cpu,
  register,
  changed,
}: {
  readonly cpu: number;
  readonly register: RegisterView;
  readonly changed: ReadonlySet<string>;
}) {
  const { name, value, meaning, manual, fields } = register;
  const key = `cpu ${cpu} ${name}`;
  return (
    <details class="register">
      <summary>
        <span class="name" data-tip={`${meaning}. ${manual}`}>
          {name}
        </span>{' '}
        <code>{value}</code>
        <Mark on={changed.has(key)} />
        <span class="chips">
          {fields.map((field) => (
            <span
              key={field.bits}
              class={`chip${field.value === '0' ? ' zero' : ''}${changed.has(`${key} ${field.name} ${field.bits}`) ? ' changed' : ''}`}
              data-tip={`${name}.${field.name} (bit${field.bits.includes(':') ? 's' : ''} ${field.bits}) = ${field.value}: ${field.meaning}. ${manual}`}
            >
              {field.name}={field.value}
            </span>
          ))}
        </span>
      </summary>
      <p>
        {meaning}. <cite>{manual}</cite>
      </p>
      {fields.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">bits</th>
              <th scope="col">field</th>
              <th scope="col">value</th>
              <th scope="col">meaning</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field.bits}>
                <td>{field.bits}</td>
                <th scope="row">{field.name}</th>
                <td>
                  {field.value}
                  <Mark on={changed.has(`${key} ${field.name} ${field.bits}`)} />
                </td>
                <td>{field.meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

/** One CPU: who is in its registers, and what these hold. */
export function CpuPanel({ cpu, changed }: { readonly cpu: CpuView; readonly changed: ReadonlySet<string> }) {
  const { index, task, pc, clock, slots, registers } = cpu;
  return (
    <section class="cpu" aria-labelledby={`cpu-${index}`}>
      <h3 id={`cpu-${index}`}>
        CPU {index}{' '}
        <small>
          {task === undefined ? 'idle' : `${task} at ${pc}`}, {(clock / 1e6).toFixed(3)} ms
          <Mark on={changed.has(`cpu ${index} task`)} />
        </small>
      </h3>
      <Scroll label={`Who holds the debug registers of CPU ${index}`}>
        <table class="slots">
          <thead>
            <tr>
              <th scope="col">register</th>
              <th scope="col">holder</th>
              <th scope="col">watches</th>
              <th scope="col">for</th>
              <th scope="col">hits</th>
            </tr>
          </thead>
          <tbody>
            {slots.map(({ register, owner, what, task: whose, hits }) => (
              <tr key={register} class={owner === undefined ? 'free' : ''}>
                <th scope="row">
                  {register}
                  <Mark on={changed.has(`cpu ${index} slot ${register}`)} />
                </th>
                <td>{owner ?? 'free'}</td>
                <td>{what}</td>
                <td>{owner === undefined ? '' : (whose ?? 'whatever runs')}</td>
                <td>{owner === undefined ? '' : hits}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {registers.map((register) => (
        <Register key={register.name} cpu={index} register={register} changed={changed} />
      ))}
    </section>
  );
}
