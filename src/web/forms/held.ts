import { useState } from "react";

/** What a form is made of, and by which it is put in force only if nobody has changed it meanwhile. */
interface Read {
  tag: string;
}

export interface Held<R extends Read> {
  held: R;
  /** Something else came into force since the form was made. */
  isStale: boolean;
  /** Notes whether something is written in the form. */
  note(isWritten: boolean): void;
}

/** What a form was made of: what is in force, but while something is written in the form, what was in force when that was begun. */
export function useHeld<R extends Read>(read: R): Held<R> {
  const [isWritten, note] = useState(false);
  const [held, hold] = useState(read);
  if (!isWritten && held !== read) hold(read);
  return { held, isStale: isWritten && held.tag !== read.tag, note };
}
