/** Does something after so many milliseconds; returns the function that calls it off. */
export type Timer = (milliseconds: number, action: () => void) => () => void;

/** The system's: it keeps no process alive. */
export const systemTimer: Timer = (milliseconds, action) => {
  const timer = setTimeout(action, milliseconds).unref();
  return () => clearTimeout(timer);
};
