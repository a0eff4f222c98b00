import type { ReactNode } from "react";
import type { Shapes } from "#web/api/client.ts";
import { ActionsHead } from "#web/lists/actions-head.tsx";
import { Ago, Moment } from "#web/times/moment.tsx";

type Passkey = Shapes["Passkey"];

/** Passkeys by the names that they were given, with what can be done about each. */
export function PasskeyTable({
  passkeys,
  actions,
}: {
  passkeys: readonly Passkey[];
  actions(passkey: Passkey): ReactNode;
}) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Passkey</th>
          <th>Last used</th>
          <th className="extra">Added</th>
          <ActionsHead />
        </tr>
      </thead>
      <tbody>
        {passkeys.map((passkey) => (
          <tr key={passkey.id}>
            <td className="breaks">{passkey.name}</td>
            <td>
              <Ago at={passkey.last_used_at} none="never" />
            </td>
            <td className="extra">
              <Moment at={passkey.created_at} />
            </td>
            <td className="num row-actions">{actions(passkey)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
