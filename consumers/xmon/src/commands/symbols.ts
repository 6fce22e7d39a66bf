import { Refusal } from '../refusal.js';
import { digits } from '../text/hex.js';
import { addressText } from '../text/symbol-text.js';
import { type Command, required, symbolsOf, wordOf } from './command.js';

export const LA: Command = {
  names: ['la'],
  usage: 'la ADDR',
  help: 'the symbol that an address lies in',
  run(desk, args) {
    const address = required(args.address(), 'an address');
    args.end();
    return addressText(symbolsOf(desk), address, wordOf(desk), ': ');
  },
};

export const LS: Command = {
  names: ['ls'],
  usage: 'ls NAME',
  help: 'the address of a symbol',
  run(desk, args) {
    const name = required(args.word(), 'the name of a symbol');
    args.end();
    const symbol = symbolsOf(desk).lookup(name);
    if (symbol === undefined) throw new Refusal(`There is no symbol '${name}'`);
    return `${name}: ${digits(symbol.address, wordOf(desk))}`;
  },
};
