const { port1, port2 } = new MessageChannel();

/** Lets what waits for its turn have it: a message, such as that nothing more is wanted. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(undefined);
  });
}
