import { useNavigate, useSearch } from "@tanstack/react-router";

/** What the address says beside the path, and a way to say something else there; undefined or "" takes a word out. */
export function useAddress(): {
  said: Readonly<Record<string, string | undefined>>;
  say(words: Record<string, string | undefined>, replace?: boolean): void;
} {
  const said = useSearch({ strict: false });
  const navigate = useNavigate();
  return {
    said,
    say: (words, replace = false) =>
      void navigate({ to: ".", search: ((before: object) => ({ ...before, ...words })) as never, replace }),
  };
}
