import { ok, receive } from "./raw-http.ts";

/** Somebody who is asked about leads, and says yes 50 ms after each question. */

const THINKS_MS = 50;
const YES = ok({ line_type: "mobile" });

receive((socket) => {
  setTimeout(() => socket.write(YES), THINKS_MS);
});
