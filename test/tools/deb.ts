/**
 * `npm run deb`: makes the Debian package of what was built, in the current folder unless told
 * otherwise. Needs dpkg-deb and strip (Debian: dpkg, binutils).
 */
import { parseArgs } from "node:util";
import { buildDebianPackage } from "./debian-package.ts";

const { values } = parseArgs({
  options: {
    /** Where to put it. */
    out: { type: "string", default: "." },
    /** Another version than that of package.json. */
    version: { type: "string" },
    /** Do not compress: quicker to make, four times the size. */
    plain: { type: "boolean", default: false },
  },
});

console.log(buildDebianPackage(values));
