import type { SymbolTable } from '@hwbp/core';
import { digits } from './hex.js';

/** `name+0xoffset/0xsize`; nothing where no symbol contains the address. */
function symbolText(symbols: SymbolTable, address: bigint): string {
  const location = symbols.resolve(address);
  if (location === undefined) return '';
  const { symbol, offset } = location;
  const size = symbol.size === 0 ? '' : `/0x${symbol.size.toString(16)}`;
  return `${symbol.name}+0x${offset.toString(16)}${size}`;
}

/** An address, and where it lies. `bytes`: of a long. */
export function addressText(symbols: SymbolTable, address: bigint, bytes: number, between = ' '): string {
  const text = symbolText(symbols, address);
  return text === '' ? digits(address, bytes) : `${digits(address, bytes)}${between}${text}`;
}
