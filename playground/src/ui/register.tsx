import { useState } from 'preact/hooks';
import type { FieldView, RegisterView } from '../model/registers/register-view.js';
import { Head } from './head.js';
import { Mark } from './mark.js';

interface RegisterProps {
  readonly cpu: number;
  readonly register: RegisterView;
  readonly changed: ReadonlySet<string>;
}

/** Where a field is; in the manual's numbers too, where these are others. */
function bitsOf({ bits, manualBits }: FieldView): string {
  return manualBits === undefined ? bits : `${bits}, ${manualBits}`;
}

/** What there is to say of a field. */
function said({ name, manual }: RegisterView, field: FieldView): string {
  const bits = `bit${field.bits.includes(':') ? 's' : ''} ${bitsOf(field)}`;
  return `${name}.${field.name} (${bits}) = ${field.value}: ${field.meaning}. ${manual}`;
}

/** The arrow keys go from chip to chip: Tab comes to one of them, and goes on. */
function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const chips = [...event.currentTarget.querySelectorAll<HTMLElement>('.chip')];
  const at = chips.indexOf(event.target as HTMLElement);
  const to: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: chips.length - 1,
  };
  const next = chips[to[event.key] ?? -1];
  if (event.key === 'Escape') (event.target as HTMLElement).blur();
  if (next === undefined) return;
  event.preventDefault();
  for (const chip of chips) chip.tabIndex = chip === next ? 0 : -1;
  next.focus();
}

/** Every field in a chip of its own; what it means is told to whoever points at it, or comes to it by keyboard. */
function Chips({ cpu, register, changed }: RegisterProps) {
  return (
    <div class="chips" role="toolbar" aria-label={`Fields of ${register.name} of CPU ${cpu}`} onKeyDown={onKeyDown}>
      {register.fields
        .filter(({ rest }) => rest !== true)
        .map((field, index) => {
          const marked = changed.has(`cpu ${cpu} ${register.name} ${field.name} ${field.bits}`);
          const text = said(register, field);
          return (
            <button
              type="button"
              key={field.bits}
              tabIndex={index === 0 ? 0 : -1}
              class={`chip${Number(field.value) === 0 ? ' zero' : ''}${marked ? ' changed' : ''}`}
              data-tip={text}
              aria-label={`${field.name}=${field.value}${marked ? ', changed' : ''}. ${text}`}
            >
              {field.name}={field.value}
            </button>
          );
        })}
    </div>
  );
}

/** Every bit, in a table. */
function Fields({ cpu, register, changed }: RegisterProps) {
  const { name, meaning, manual, fields } = register;
  return (
    <div class="fields">
      <p>
        {meaning}. <cite>{manual}</cite>
      </p>
      {fields.length > 0 && (
        <table>
          <Head titles={['bits', 'field', 'value', 'meaning']} />
          <tbody>
            {fields.map((field) => (
              <tr key={field.bits}>
                <td>{bitsOf(field)}</td>
                <th scope="row">{field.name}</th>
                <td>
                  {field.value}
                  <Mark on={changed.has(`cpu ${cpu} ${name} ${field.name} ${field.bits}`)} />
                </td>
                <td>{field.meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** One register: its value, its fields at a glance, and all of them where it is opened. */
export function Register(props: RegisterProps) {
  const { cpu, register, changed } = props;
  const { name, value, meaning, manual, fields } = register;
  const [open, setOpen] = useState(false);
  return (
    <div class="register">
      <button
        type="button"
        class="toggle"
        aria-expanded={open}
        data-tip={`${meaning}. ${manual}`}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {name} <code>{value}</code>
        <Mark on={changed.has(`cpu ${cpu} ${name}`)} />
      </button>
      {fields.length > 0 && <Chips {...props} />}
      {open && <Fields {...props} />}
    </div>
  );
}
