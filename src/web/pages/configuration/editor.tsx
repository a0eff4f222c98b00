import { type KeyboardEvent, useRef } from "react";

interface EditorProps {
  text: string;
  isReadOnly: boolean;
  onChange(text: string): void;
  onSubmit(): void;
}

/** A text with the numbers of its lines, by which the server's problems are found. Tab indents; Escape, then Tab, leaves it. */
export function Editor({ text, isReadOnly, onChange, onSubmit }: EditorProps) {
  const numbers = useRef<HTMLPreElement>(null);
  const leaves = useRef(false);
  const lines = text.split("\n").length;

  function press(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onSubmit();
    } else if (event.key === "Tab" && !event.shiftKey && !leaves.current && !isReadOnly) {
      event.preventDefault();
      const area = event.currentTarget;
      area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
      onChange(area.value);
    }
    leaves.current = event.key === "Escape";
  }

  return (
    <div className="editor">
      <pre ref={numbers} aria-hidden>
        {Array.from({ length: lines }, (_, index) => index + 1).join("\n")}
      </pre>
      <textarea
        aria-label="The configuration"
        aria-description="Tab indents; Escape and then Tab leaves the text. Control Enter plans it."
        value={text}
        readOnly={isReadOnly}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={press}
        onScroll={(event) => {
          if (numbers.current !== null) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
        spellCheck={false}
        autoCapitalize="off"
        wrap="off"
      />
    </div>
  );
}
