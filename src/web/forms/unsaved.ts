/** How many forms have something written in them that is not in force. */
let unsaved = 0;

export function isAnythingUnsaved(): boolean {
  return unsaved > 0;
}

/** Notes that a form has something written in it. Returns what takes that back. */
export function noteUnsaved(): () => void {
  unsaved += 1;
  return () => {
    unsaved -= 1;
  };
}
