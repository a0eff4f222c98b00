import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A part of the executable that somebody else wrote. */
export interface Notice {
  readonly name: string;
  readonly version: string;
  /** As its package names it, an SPDX expression in most. */
  readonly licence: string;
  /** The texts that must go where the part goes. */
  readonly texts: readonly string[];
}

/**
 * Reads the licences of all that the executable carries: every package that the program depends on, directly or not, and Bun, which
 * runs it. Called as a macro, while the program is being compiled, so that they are part of it. Packages that the compiler left out
 * in the end are named all the same.
 */
export function notices(): Notice[] {
  const root = join(import.meta.dir, "../../..");
  const found = new Map<string, Notice>();
  const add = (name: string, from: string) => {
    const folder = folderOf(name, from, root);
    if (folder === undefined || found.has(folder)) return;
    const described = readPackage(folder);
    found.set(folder, {
      name,
      version: String(described.version),
      licence: typeof described.license === "string" ? described.license : "see below",
      texts: textsIn(folder),
    });
    for (const dependency of Object.keys(described.dependencies ?? {})) add(dependency, folder);
  };
  for (const dependency of Object.keys(readPackage(root).dependencies ?? {})) add(dependency, root);
  const own = readPackage(root);
  return [
    { name: "leadgate", version: String(own.version), licence: String(own.license), texts: textsIn(root) },
    {
      name: "bun",
      version: String(readPackage(join(root, "node_modules/bun")).version),
      licence: "MIT, with parts under LGPL-2.1",
      texts: [BUN],
    },
    {
      name: "PostgreSQL",
      version: "18, as part of @electric-sql/pglite",
      licence: "PostgreSQL",
      texts: [POSTGRESQL],
    },
    ...[...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  ];
}

/** Its npm package has no licence file. What Bun itself is made of, JavaScriptCore (LGPL-2.1) before all, its documentation lists. */
const BUN = `Copyright (c) Oven. Bun itself is under the MIT licence; it links JavaScriptCore and WebCore of WebKit under the LGPL-2.1,
whose source with Bun's changes is at https://github.com/oven-sh/webkit, and the libraries that
https://bun.com/docs/project/license lists, with how to link Bun anew with a changed one.`;

/** PGlite's package names its own licence alone. */
const POSTGRESQL = `PostgreSQL Database Management System
(also known as Postgres, formerly known as Postgres95)

Portions Copyright (c) 1996-2025, PostgreSQL Global Development Group

Portions Copyright (c) 1994, The Regents of the University of California

Permission to use, copy, modify, and distribute this software and its documentation for any purpose, without fee, and without a
written agreement is hereby granted, provided that the above copyright notice and this paragraph and the following two paragraphs
appear in all copies.

IN NO EVENT SHALL THE UNIVERSITY OF CALIFORNIA BE LIABLE TO ANY PARTY FOR DIRECT, INDIRECT, SPECIAL, INCIDENTAL, OR CONSEQUENTIAL
DAMAGES, INCLUDING LOST PROFITS, ARISING OUT OF THE USE OF THIS SOFTWARE AND ITS DOCUMENTATION, EVEN IF THE UNIVERSITY OF CALIFORNIA
HAS BEEN ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

THE UNIVERSITY OF CALIFORNIA SPECIFICALLY DISCLAIMS ANY WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE. THE SOFTWARE PROVIDED HEREUNDER IS ON AN "AS IS" BASIS, AND THE UNIVERSITY OF
CALIFORNIA HAS NO OBLIGATIONS TO PROVIDE MAINTENANCE, SUPPORT, UPDATES, ENHANCEMENTS, OR MODIFICATIONS.`;

interface Package {
  version?: unknown;
  license?: unknown;
  dependencies?: Record<string, string>;
}

function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
}

/** Where a package finds one that it depends on: in its own folder, or in one further out. Optional ones may be missing. */
function folderOf(name: string, from: string, root: string): string | undefined {
  for (let at = from; at.startsWith(root); at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  return undefined;
}

function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying|copyright)(\.(md|txt))?$|\.LICENSE\.txt$/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
}
