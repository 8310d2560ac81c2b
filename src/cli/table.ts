/**
 * Aligned columns.
 */
import type { Paint, Tone } from "./terminal.ts";

/** A text, or one with a tone. */
export type Cell = string | { readonly tone: Tone; readonly text: string };

/**
 * Two blanks between columns, which are as wide as their widest text; the first row is the heading.
 *
 * @returns no line at all if there is nothing below the heading
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
): string[] {
  if (rows.length === 0) return [];
  const titles = heading.map((text): Cell => ({ tone: "heading", text }));
  const all = [titles, ...rows];
  const widths = heading.map((_, column) => widest(all, column));
  return all.map((row) => {
    const last = row.findLastIndex((cell) => textOf(cell) !== "");
    return row
      .slice(0, last + 1)
      .map((cell, column) => painted(cell, column === last ? 0 : (widths[column] ?? 0), paint))
      .join("  ");
  });
}

function widest(rows: readonly (readonly Cell[])[], column: number): number {
  return rows.reduce((width, row) => Math.max(width, textOf(row[column] ?? "").length), 0);
}

function painted(cell: Cell, width: number, paint: Paint): string {
  if (typeof cell === "string") return cell.padEnd(width);
  // The blanks stay outside of the colour.
  return paint(cell.tone, cell.text) + " ".repeat(Math.max(0, width - cell.text.length));
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
