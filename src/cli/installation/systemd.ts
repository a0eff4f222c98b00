import { CommandFailure, command } from "#cli/command/command.ts";
import { memoryVariables } from "#runtime/process-memory.ts";
import { isCompiled } from "#text/executable.ts";

/** Prints a unit that runs this executable with as little as it needs. */
export const systemd = command({
  name: "systemd",
  purpose: "print a systemd unit, with how to install it",
  example: "leadgate systemd > /etc/systemd/system/leadgate.service",
  options: { "--executable PATH": "where it is, or will be installed; otherwise /usr/local/bin/leadgate" },
  forms: {
    async ""({ executable }, context) {
      if (executable !== undefined && !executable.startsWith("/"))
        throw new CommandFailure("systemd starts programs by their whole path: begin it with a slash.");
      const path = isInstalled(process.execPath) ? process.execPath : "/usr/local/bin/leadgate";
      context.write(unit(executable ?? path));
    },
  },
});

/** Whether a service may be started from there: not from a folder of downloads, and not as the runtime of its source. */
function isInstalled(path: string): boolean {
  return isCompiled() && /^\/(usr|opt|srv)\//.test(path);
}

/** Without them, the process would start itself once more to have them. */
const VARIABLES = Object.entries(memoryVariables("normal", "postgres"))
  .map(([name, value]) => `Environment=${name}=${value}`)
  .join("\n");

/**
 * Stopping takes up to 20 seconds, answering what is in flight. MemoryDenyWriteExecute is left out: JavaScript and WebAssembly are
 * compiled to code while they run.
 */
function unit(executable: string): string {
  return `# Install, as root (systemd 250 or later):
#
#   install -m 755 leadgate ${executable}
#   install -d -m 700 /etc/leadgate
#   (umask 077; openssl rand -base64 48 > /etc/leadgate/secret; openssl rand -hex 24 > /etc/leadgate/operator-key)
#   ${executable} systemd > /etc/systemd/system/leadgate.service
#   systemctl daemon-reload && systemctl enable --now leadgate
#
# To upgrade: leadgate backup --out before.backup, install the new executable as above, systemctl restart leadgate. The database is
# brought up to date when it starts, from any earlier version; an older executable refuses it from then on.
#
# Further settings, such as DATABASE_URL or HOST, go into /etc/leadgate/environment, a line each. Keep /etc/leadgate/secret with your
# backups. Commands on this machine: LEADGATE_ADMIN_KEY_FILE=/etc/leadgate/operator-key leadgate apply leads.yaml

[Unit]
Description=Leadgate, lead distribution
Wants=network-online.target
After=network-online.target postgresql.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${executable} serve
EnvironmentFile=-/etc/leadgate/environment
Environment=DATA_DIR=/var/lib/leadgate
Environment=LOG_FORMAT=json
${VARIABLES}
LoadCredential=secret:/etc/leadgate/secret
LoadCredential=operator-key:/etc/leadgate/operator-key
Environment=LEADGATE_SECRET_FILE=%d/secret
Environment=LEADGATE_ADMIN_KEY_FILE=%d/operator-key
DynamicUser=yes
StateDirectory=leadgate
StateDirectoryMode=0700
UMask=0077
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStartSec=120
TimeoutStopSec=30
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
