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
