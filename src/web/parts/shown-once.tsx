import type { ReactNode } from "react";
import { AskFirst } from "./ask.tsx";
import { Copy } from "./copy.tsx";

/** A secret that is shown this once. */
export function ShownOnce({ name, secret }: { name: string; secret: string }) {
  return (
    <div className="once" role="status">
      <b>{name}, shown this once:</b>
      <span className="ident">
        <code>{secret}</code>
        <Copy text={secret} label="Copy it" />
      </span>
    </div>
  );
}

interface Made {
  title: string;
  /** What is said on the button. */
  verb?: string;
  close(): void;
  children: ReactNode;
}

/** Stays open until somebody says that the secrets in it are kept. */
export function MadeOnce({ title, verb = "I have it", close, children }: Made) {
  return <AskFirst title={title} verb={verb} act={async () => undefined} close={close} body={children} />;
}
