/** `kite-2` as a class is called: `Kite2`. */
export function pascalCase(name: string): string {
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

/** `kite-2` as a function is called: `kite2`. */
export function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** `kite-2` as a constant is called: `KITE_2`. */
export function constantCase(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
