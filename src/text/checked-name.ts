/** How a value that a check found is called in filters and templates. */
export function checkValueName(checkId: string, value: string): string {
  return `check.${checkId}.${value}`;
}

/** What a lead may never be sent under. */
export const CHECK_PREFIX = "check.";
