/**
 * The words of the Debian package: its control file and its copyright file.
 */
import { engineFlags } from "../../src/daemon/engine.ts";
import type { Manifest } from "./production-modules.ts";

/** deb-version(7): a hyphen would begin the Debian revision; `~` sorts before the release. */
export function debianVersion(version: string): string {
  return version.replaceAll("-", "~");
}

/** deb-control(5). The versions of libc6 and libstdc++6 are those that Node is linked against. */
export function controlFile(about: {
  readonly version: string;
  readonly architecture: string;
  readonly installedKib: number;
}): string {
  return `Package: understudy
Version: ${about.version}
Architecture: ${about.architecture}
Maintainer: Understudy maintainers
Installed-Size: ${about.installedKib}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5), passwd
Suggests: cluster-glue, fence-agents
Section: admin
Priority: optional
Description: heartbeat-style failover of virtual IPs and their services
 A primary and a backup exchange heartbeats; when one falls silent, the other
 takes over its virtual IPs and the services behind them. Reads the files of
 Linux-HA's heartbeat (/etc/ha.d), speaks its protocol, and moves a service by
 hand with one command.
`;
}

/**
 * /usr/bin/understudy: the program, run by the runtime that the package brings along. The daemon gets the
 * flags that it demands at once, so that it need not begin again; commands start sooner without.
 *
 * @param home - the folder of both, without a slash at its beginning
 */
export function launcher(home: string): string {
  return `#!/bin/sh
flags=
[ "$1" = run ] && flags="${engineFlags.join(" ")}"
exec /${home}/node $flags /${home}/dist/understudy.js "$@"
`;
}

/** The licences of all that is in the package. */
export function copyrightFile(modules: readonly Manifest[]): string {
  const list = modules.map(({ name, version, license }) => ` ${name} ${version}: ${license}`);
  return `Understudy. Copyright: its contributors. Licence: MIT, as follows.

${mitLicence}
The package contains these programs of others. The licences of npm packages are in
/usr/lib/understudy/dist/licences.txt, or in their folders below /usr/lib/understudy/node_modules, that
of Node.js is in node-licence.gz beside this file.

${list.join("\n")}
`;
}

const mitLicence = `\
Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
