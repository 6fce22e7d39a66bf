/**
 * What the suites need of a test runner: something that takes a title and a body, and calls a body that throws (or
 * rejects) a failure. ava, node:test, vitest and mocha all have one.
 */
export type TestFunction = (title: string, body: (t?: unknown) => void | Promise<void>) => void;
