/**
 * The packages that cannot be built into the program: they find a library beside themselves.
 */
export const nativePackages: readonly string[] = ["koffi"];

/** One of them, or where it has its library for an architecture. */
export function isNative(name: string): boolean {
  return nativePackages.includes(name) || name.startsWith("@koromix/koffi-");
}
