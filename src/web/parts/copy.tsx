import { ActionIcon, Tooltip } from "@mantine/core";
import IconCheck from "@tabler/icons-react/icons/IconCheck";
import IconCopy from "@tabler/icons-react/icons/IconCopy";
import { useEffect, useState } from "react";
import { copyText } from "./clipboard.ts";

/** For how long it is said how it went, in ms. */
const SAID_MS = 2_000;

/** Copies a text. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState<boolean>();
  useEffect(() => {
    if (isCopied === undefined) return undefined;
    const timer = setTimeout(() => setCopied(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const said =
    isCopied === undefined ? label : isCopied ? "Copied" : "This browser does not let it be copied";
  return (
    <Tooltip label={said}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        onClick={() => void copyText(text).then(setCopied)}
        aria-label={label}
      >
        {isCopied === true ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** An id as it is, with a way to copy it. */
export function Ident({ id }: { id: string }) {
  return (
    <span className="ident">
      <code>{id}</code>
      <Copy text={id} label="Copy the id" />
    </span>
  );
}
