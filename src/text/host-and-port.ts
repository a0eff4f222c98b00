/** Where something listens. */
export interface HostAndPort {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `leads.example:7800`, `10.0.0.5:7800`, `[fd00::5]:7800`; undefined for any other text. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const [, bracketed, name, port = ""] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > LAST_PORT) return undefined;
  return { host, port: Number(port) };
}

export function formatHostAndPort({ host, port }: HostAndPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const LAST_PORT = 65_535;
