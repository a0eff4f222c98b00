import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { useAddress } from "#web/address/here.ts";

interface Opened {
  title: string;
  /** In rem, where there is room for it. */
  width: number;
  /** What is open; undefined: nothing. */
  id: string | undefined;
  children(id: string): ReactNode;
}

/** One thing of a list, beside it; the address says which, as `open`. */
export function Side({ title, width, id, children }: Opened) {
  const { say } = useAddress();
  return (
    <Drawer
      opened={id !== undefined}
      onClose={() => say({ open: undefined })}
      size={`min(${width}rem, 100%)`}
      title={title}
    >
      {id !== undefined && children(id)}
    </Drawer>
  );
}
