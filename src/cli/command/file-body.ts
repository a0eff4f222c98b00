import { access, constants, stat } from "node:fs/promises";
import { readDocument } from "#configuration/document-text.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { type CommandContext, CommandFailure, fileText } from "./command.ts";

/** A file as it is typed, or `-` for standard input. */
export interface TypedFile {
  file: string;
  text: string;
}

/** By the name of the file; of standard input by its first sign. */
export function isJsonFile({ file, text }: TypedFile): boolean {
  return file === "-" ? text.trimStart().startsWith("{") : file.toLowerCase().endsWith(".json");
}

/** What a file in YAML or JSON says, to be sent as it is. @throws CommandFailure when it says nothing that can be */
export async function fileBody({ FILE }: Mapping, context: CommandContext): Promise<Mapping> {
  const file = String(FILE);
  const text = await fileText(file, context);
  if (text.trim() === "") throw new CommandFailure(`${file === "-" ? "Standard input" : file} is empty.`);
  const read = readDocument(text, isJsonFile({ file, text }) ? "json" : "yaml");
  if (!read.ok) throw new CommandFailure(`${file}: ${read.message}.`);
  if (!isMapping(read.document))
    throw new CommandFailure(`${file} must hold a mapping of names to values, such as id: sunco.`);
  return read.document;
}

/** A secret comes from a file: the command line is kept in histories. */
export async function secretIn({ FILE }: Mapping, context: CommandContext): Promise<string> {
  return (await fileText(String(FILE), context)).trim();
}

/** A file of any size, or standard input, as it is read. @throws CommandFailure when it cannot be read */
export async function fileStream(file: string): Promise<ReadableStream<Uint8Array>> {
  if (file === "-") return Bun.stdin.stream();
  try {
    await access(file, constants.R_OK);
  } catch {
    throw new CommandFailure(`${file} cannot be read.`);
  }
  if ((await stat(file)).isDirectory()) throw new CommandFailure(`${file} is a folder, not a file.`);
  return Bun.file(file).stream();
}
