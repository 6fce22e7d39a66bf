/** What a system register is: which one, and of the numbered ones its number. */
export interface SystemRegister {
  readonly kind:
    | 'bvr'
    | 'bcr'
    | 'wvr'
    | 'wcr'
    | 'mdscr'
    | 'oslar'
    | 'oslsr'
    | 'osdlr'
    | 'dfr0'
    | 'far'
    | 'esr'
    | 'daif';
  /** 0 to 15. */
  readonly number: number;
}

/** By their names, in lower case. */
const PLAIN: Readonly<Record<string, SystemRegister['kind']>> = {
  mdscr_el1: 'mdscr',
  oslar_el1: 'oslar',
  oslsr_el1: 'oslsr',
  osdlr_el1: 'osdlr',
  id_aa64dfr0_el1: 'dfr0',
  far_el1: 'far',
  esr_el1: 'esr',
  daif: 'daif',
};
const NUMBERED = /^dbg([bw])([vc])r(\d{1,2})_el1$/;

/** The register of a name, such as `dbgwcr3_el1`; `undefined`: none of the debug unit's. */
export function systemRegister(name: string): SystemRegister | undefined {
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  if (plain !== undefined) return { kind: plain, number: 0 };
  const [, which, part, number] = NUMBERED.exec(name) ?? [];
  if (which === undefined || part === undefined) return undefined;
  return { kind: `${which}${part}r` as SystemRegister['kind'], number: Number(number) };
}
