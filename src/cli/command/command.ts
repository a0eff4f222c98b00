import type { Settings } from "#runtime/settings.ts";
import {
  type Form,
  formMatching,
  missingIn,
  type Options,
  parsedForm,
  surplusIn,
  type Typed,
  usageOf,
} from "./form.ts";

/** A route of the operators' API, below `/api/v1/admin`. What stands in capitals is filled in: `POST /buyers/BUYER/test`. */
export type RouteName = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** What can be typed after `leadgate`, with all that its help says. */
export interface Command {
  readonly name: string;
  readonly forms: readonly Form[];
  readonly purpose: string;
  /** A whole line that can be typed as it stands. */
  readonly example: string;
  readonly options: Options;
  /** All that it asks a server for. */
  readonly routes: readonly RouteName[];
  /** Runs to an exit code: see EXIT_CODES. */
  run(words: readonly string[], context: CommandContext): Promise<number>;
}

/** Where a command says things. */
export interface Terminal {
  /** To standard output. */
  write(text: string): void;
  /** To standard error. */
  writeError(text: string): void;
  /** Whether what is written is seen by somebody who wants colours: a terminal, and no NO_COLOR. */
  readonly isColoured: boolean;
  /** How many characters a line of the terminal has; undefined: nobody looks on, and lines may be of any length. */
  readonly width: number | undefined;
}

/** What a command works with. */
export interface CommandContext extends Terminal {
  /** Reads the settings, which only some commands need: `version` works in any environment. @throws SettingsError */
  settings(): Settings;
  /** The running server, which alone may open the embedded database. @throws SettingsError */
  server(): Promise<{ url: string; adminKey: string | undefined }>;
  /** Aborted by Ctrl-C, which then ends nothing by itself. */
  interruption(): AbortSignal;
  readFile(path: string): Promise<string>;
  /** Standard input, to its end. */
  readInput(): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}

/** Why a command stopped, as a sentence for the one who typed it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** The command was typed wrongly; it is answered with how it is used, after a line that says what is wrong, if there is one. */
export class WrongUse extends Error {
  override readonly name = "WrongUse";
}

/** A command as it is declared. `Lines` are its forms, see `Form`. */
interface CommandDeclaration<Lines extends string, Named extends Options> {
  name: string;
  purpose: string;
  example: string;
  /** Each option with its meaning: `--force` is a switch, `--out FILE` has a value. Others are refused before it runs. */
  options: Named;
  /** What runs for each form. It resolves with an exit code unless that is 0. */
  forms: { [Line in Lines]: Work<Typed<Line, Named>> };
  /** What is asked for by forms that don't say that themselves. */
  routes?: readonly RouteName[];
}

/** What one form does, with words for its help where the command has several, and all that it asks a server for. */
export interface Work<Words> {
  (typed: Words, context: CommandContext): Promise<number | void>;
  readonly does?: string;
  readonly routes?: readonly RouteName[];
}

/** Makes a command from its declaration: help, parsing and refusals all come from it. */
export function command<const Lines extends string, const Named extends Options>(
  declaration: CommandDeclaration<Lines, Named>,
): Command {
  const { name, purpose, example, options } = declaration;
  const works = Object.entries<Work<never>>(declaration.forms);
  const forms = works.map(([line, { does }]) => parsedForm(line, does));
  const routes = [...(declaration.routes ?? []), ...works.flatMap(([, work]) => work.routes ?? [])];
  const described = { name, purpose, example, options, forms, routes };
  return {
    ...described,
    async run(words, context) {
      try {
        const matching = formMatching(described, words);
        if (matching === undefined) throw new WrongUse(tooMuch(described, words));
        const work = declaration.forms[matching.form.line as Lines];
        const code = await work(matching.typed as Typed<Lines, Named>, context);
        return code ?? 0;
      } catch (error) {
        if (error instanceof WrongUse) {
          const missing = missingIn(described, words);
          const lacks = missing.length === 0 ? "" : `Missing: ${missing.join(", ")}.\n`;
          context.writeError(`${error.message}Usage: ${usageOf(described, words)}\n${lacks}`);
          return 2;
        }
        if (!(error instanceof CommandFailure)) throw error;
        context.writeError(`${error.message}\n`);
        return 1;
      }
    },
  };
}

function tooMuch(described: Pick<Command, "name" | "forms" | "options">, words: readonly string[]): string {
  const surplus = surplusIn(described, words);
  return surplus === undefined ? "" : `${JSON.stringify(surplus)} is a word too many.\n`;
}

/** A file as the operator named it; `-` is standard input. */
export async function fileText(path: string, context: CommandContext): Promise<string> {
  if (path === "-") return context.readInput();
  try {
    return await context.readFile(path);
  } catch {
    throw new CommandFailure(`${path} cannot be read.`);
  }
}
