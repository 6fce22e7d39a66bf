import type { Expression, Item, Operand } from './item.js';
import { WIDTHS } from './operations.js';
import { REGISTERS } from './registers.js';

const DIRECTIVES = { 1: '.u8', 2: '.u16', 4: '.u32', 8: '.u64' } as const;
/** Numbers from here on are written with the digits that one reads them by. */
const LARGE = 4096n;

function formatNumber(value: bigint): string {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${size < LARGE ? size : `0x${size.toString(16)}`}`;
}

function formatExpression({ symbol, addend }: Expression): string {
  if (symbol === undefined) return formatNumber(addend);
  if (addend === 0n) return symbol;
  return `${symbol}${addend < 0n ? '' : '+'}${formatNumber(addend)}`;
}

function formatOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'register':
      return REGISTERS[operand.number] as string;
    case 'number':
      return formatExpression(operand.value);
    case 'name':
      return operand.name;
    default: {
      const { base, offset } = operand;
      if (base === undefined) return `[${formatExpression(offset)}]`;
      const register = REGISTERS[base] as string;
      if (offset.symbol === undefined && offset.addend === 0n) return `[${register}]`;
      const sign = offset.symbol === undefined && offset.addend < 0n ? '' : '+';
      return `[${register}${sign}${formatExpression(offset)}]`;
    }
  }
}

/** An item as it is written in a line of its own. */
export function formatItem(item: Item): string {
  switch (item.kind) {
    case 'label':
      return `${item.name}:`;
    case 'space':
      return `    .bss ${item.size}`;
    case 'align':
      return `    .align ${item.size}`;
    case 'data':
      return `    ${DIRECTIVES[item.size]} ${item.values.map(formatExpression).join(', ')}`;
    default: {
      const { mnemonic, width, operands } = item;
      const name = width === 0 ? mnemonic : `${mnemonic}.${WIDTHS[width]}`;
      return `    ${[name, operands.map(formatOperand).join(', ')].join(' ').trimEnd()}`;
    }
  }
}
