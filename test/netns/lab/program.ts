/**
 * The program under test: the built one of this checkout, unless the environment names another,
 * such as an installed one.
 */
const root = new URL("../../../", import.meta.url).pathname;

export const program: string = process.env["UNDERSTUDY_PROGRAM"] ?? `${root}dist/understudy.js`;
