/** What a list is narrowed to that no field shows, with a way to take it off. */
export function Narrowing({ text, takeOff }: { text: string; takeOff(): void }) {
  return (
    <button type="button" className="narrowing" onClick={takeOff} aria-label={`Not only: ${text}`}>
      {text} <span aria-hidden>×</span>
    </button>
  );
}
