import fc from 'fast-check';

/** Something that is done to a driver: a kernel with a model beside it. */
export type Operation<Driver> = (driver: Driver) => void;

/** An operation that fast-check's report shows by its name and arguments. */
export function operation<Driver, T extends readonly unknown[]>(
  name: keyof Driver & string,
  apply: (driver: Driver, ...args: T) => void,
  ...args: { [K in keyof T]: fc.Arbitrary<T[K]> }
): fc.Arbitrary<Operation<Driver>> {
  return fc.tuple(...(args as fc.Arbitrary<unknown>[])).map((values) => {
    const run: Operation<Driver> = (driver) => apply(driver, ...(values as unknown as T));
    return Object.assign(run, { [fc.toStringMethod]: () => `${name}(${values.map(fc.stringify).join(', ')})` });
  });
}
