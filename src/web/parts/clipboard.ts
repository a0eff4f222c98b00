import { notifications } from "@mantine/notifications";

/** Copies a text; false when the browser does not let it be copied. */
export async function copyText(text: string): Promise<boolean> {
  // Only pages that come by https or from the own machine have it, and it may be forbidden.
  if ("clipboard" in navigator) {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    if (isCopied) return true;
  }
  return copyChosen(text);
}

/** The way of old: what is chosen on the page is copied. */
function copyChosen(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.value = text;
  // Within a dialog, which would else take the focus back at once.
  (before?.closest('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}

/** Copies the call of the API that a page makes, for a shell where LEADGATE_KEY is set, and says so. */
export async function copyAsCurl(method: string, path: string): Promise<void> {
  const asked = method === "GET" ? "" : `-X ${method} `;
  const call = `curl ${asked}-H "Authorization: Bearer $LEADGATE_KEY" '${window.location.origin}${path}'`;
  const isCopied = await copyText(call);
  notifications.show(
    isCopied
      ? { message: "Copied. It asks with the key in $LEADGATE_KEY." }
      : { color: "red", message: `This browser does not let it be copied: ${call}`, autoClose: false },
  );
}
