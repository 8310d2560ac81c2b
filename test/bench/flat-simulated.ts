export function runSimulated(_days: number): boolean {
  return true;
}
