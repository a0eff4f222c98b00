import { useState } from "react";
import { parse, stringify, YAMLParseError } from "yaml";
import type { Part } from "#web/forms/setting.ts";
import { Editor } from "#web/pages/configuration/editor.tsx";

interface Text {
  part: Part;
  change(part: Part): void;
  isReadOnly: boolean;
  onSubmit(): void;
}

/** A campaign as YAML. While it is none, the campaign stays as it was last. */
export function CampaignText({ part, change, isReadOnly, onSubmit }: Text) {
  const [written, setWritten] = useState(() => ({ text: stringify(part), part }));
  const [problem, setProblem] = useState<string>();
  // Taken back, or changed by the form meanwhile.
  const text = written.part === part ? written.text : stringify(part);

  function write(next: string) {
    try {
      const read: unknown = parse(next);
      if (typeof read !== "object" || read === null || Array.isArray(read))
        throw new Error("It must be settings by name.");
      const changed = read as Part;
      setWritten({ text: next, part: changed });
      setProblem(undefined);
      change(changed);
    } catch (error) {
      setWritten({ text: next, part });
      setProblem(error instanceof YAMLParseError ? (error.message.split("\n")[0] ?? "") : String(error));
    }
  }

  return (
    <>
      <Editor text={text} onChange={write} isReadOnly={isReadOnly} onSubmit={onSubmit} />
      {problem !== undefined && (
        <p className="above" data-tone="bad" role="status">
          {problem}
        </p>
      )}
    </>
  );
}
