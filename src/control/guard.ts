/**
 * What came as JSON is `unknown` until it was looked at. Guards say what it is, field by field.
 */
import { clean } from "./clean.ts";

export type Is<T> = (value: unknown) => value is T;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value that the text stands for, or undefined if it is no JSON. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A SyntaxError, which is all that JSON.parse throws. `undefined` is no JSON value.
    return undefined;
  }
}

/** The same, with every name and text in it fit for a terminal: see {@link clean}. */
export function parseCleanJson(text: string): unknown {
  try {
    return cleaned(JSON.parse(text));
  } catch {
    // A SyntaxError; or a RangeError, of a nesting deeper than the stack.
    return undefined;
  }
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function oneOf<const T extends string | number>(...allowed: readonly T[]): Is<T> {
  return (value): value is T => allowed.some((each) => each === value);
}

export function nullable<T>(is: Is<T>): Is<T | null> {
  return (value): value is T | null => value === null || is(value);
}

export function list<T>(is: Is<T>): Is<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(is);
}

/** Every value of the object, whatever its name. */
export function dictionary<T>(is: Is<T>): Is<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every(is);
}

/** An object with these fields at least: what a newer daemon adds is no fault. */
export function record<T extends object>(fields: {
  readonly [K in keyof T]-?: Is<T[K]>;
}): Is<T> {
  const checks: readonly (readonly [string, Is<unknown>])[] = Object.entries<Is<unknown>>(fields);
  return (value): value is T => isObject(value) && checks.every(([name, is]) => is(value[name]));
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [clean(name), cleaned(each)]),
  );
}
