import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import IconCheck from "@tabler/icons-react/icons/IconCheck";
import IconCopy from "@tabler/icons-react/icons/IconCopy";

/** Copies a text. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
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

/** The call of the API that a page makes, for a shell where LEADGATE_KEY is set. */
export function curlOf(method: string, path: string): string {
  const asked = method === "GET" ? "" : `-X ${method} `;
  return `curl ${asked}-H "Authorization: Bearer $LEADGATE_KEY" '${window.location.origin}${path}'`;
}
