import { hex, type SymbolTable } from '@hwbp/core';

/**
 * A code address as the kernel's `%pS` prints it (lib/vsprintf.c): `name+0xoffset/0xsize`, offset 0 included; without
 * `/0xsize` if the size is unknown; the bare hexadecimal address if no symbol contains it.
 */
export function functionText(symbols: SymbolTable, address: bigint): string {
  const location = symbols.resolve(address);
  if (location === undefined) return hex(address);
  const { symbol, offset } = location;
  const place = `${symbol.name}+0x${offset.toString(16)}`;
  return symbol.size > 0 ? `${place}/0x${symbol.size.toString(16)}` : place;
}

/**
 * A watched address: the bare name at offset 0, which every address in the filter has, else as {@link functionText}.
 */
export function symbolText(symbols: SymbolTable, address: bigint): string {
  const location = symbols.resolve(address);
  return location?.offset === 0 ? location.symbol.name : functionText(symbols, address);
}
