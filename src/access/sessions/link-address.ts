/**
 * Where a link leads by which somebody logs in. The secret stands behind a #: no browser sends that, so it is in no log and in no Referer,
 * and a scanner of mails cannot use it up. `publicUrl` has no slash at the end; empty: a path.
 */
export function loginAddress(page: "console" | "portal", secret: string, publicUrl: string): string {
  return `${publicUrl}/${page}/login#${secret}`;
}
