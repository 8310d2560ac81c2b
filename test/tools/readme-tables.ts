/**
 * `node test/tools/readme-tables.ts`: writes the tables of README.md that are made from the program.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { withTables } from "./generated-tables.ts";

const readme = new URL("../../README.md", import.meta.url);

writeFileSync(readme, withTables(readFileSync(readme, "utf8")));
