/** One round of the event loop: what was put off by setImmediate is done, nothing else is waited for. */
export function round(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
