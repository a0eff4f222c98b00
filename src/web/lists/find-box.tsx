import { TextInput } from "@mantine/core";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import { useAddress } from "#web/address/here.ts";

/** Narrows a list to those whose name or id has what is typed; the address keeps it, as `find`. */
export function FindBox({ label }: { label: string }) {
  const { said, say } = useAddress();
  return (
    <div className="filters">
      <TextInput
        data-search
        aria-label={label}
        placeholder="Name or id"
        leftSection={<IconSearch size={14} />}
        value={said["find"] ?? ""}
        onChange={(event) => say({ find: event.currentTarget.value }, true)}
        className="filters-search"
      />
    </div>
  );
}

/** Those that it leaves. */
export function namedLike<Part extends { id: string; name?: string | undefined }>(
  parts: readonly Part[],
  find: string | undefined,
): Part[] {
  const wanted = (find ?? "").toLowerCase();
  return parts.filter(({ id, name = "" }) => `${id} ${name}`.toLowerCase().includes(wanted));
}
