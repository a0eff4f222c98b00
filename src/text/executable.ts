/** Whether this process is the compiled executable, which has files of other kinds packed into it, and not run from source. */
export function isCompiled(): boolean {
  return /\$bunfs|~BUN/.test(import.meta.url);
}
