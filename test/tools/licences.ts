/**
 * What the authors of packages ask to be told to whoever gets their code: the text of each licence.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "./production-modules.ts";

/**
 * @param modules - the files that the program is made of
 * @returns one text, with a part for each package that one of them belongs to
 * @throws if a package has no licence to be shown
 */
export function licencesOf(modules: readonly string[]): string {
  const folders = modules.flatMap((file) => packageFolder.exec(file)?.[0] ?? []);
  return [...new Set(folders)].toSorted().map(partOf).join("\n");
}

/** To the last one: packages have packages of their own. */
const packageFolder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

function partOf(folder: string): string {
  const { name, version, license } = readManifest(folder);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence to be shown`);
  return `${name} ${version}: ${license}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
