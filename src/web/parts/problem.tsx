import { Button } from "@mantine/core";
import { isFinal, Refusal } from "#web/api/client.ts";

/** What went wrong, as a sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) {
    const [first] = error.fields;
    return first === undefined ? error.message : `${first.field}: ${first.message}`;
  }
  return error instanceof TypeError ? "The server does not answer." : String(error);
}

/** Says what happened, and offers to ask again. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const requestId = error instanceof Refusal ? error.requestId : undefined;
  const fields = error instanceof Refusal ? error.fields : [];
  return (
    <div className="problem" role="alert">
      <p>{error instanceof Refusal ? error.message : sentenceOf(error)}</p>
      {fields.length > 0 && (
        <ul>
          {fields.slice(0, 30).map(({ field, message, line }) => (
            <li key={`${field} ${message}`}>
              <code>{field}</code> {message}
              {line !== undefined && <span className="dim"> (line {line})</span>}
            </li>
          ))}
          {fields.length > 30 && <li>and {fields.length - 30} more</li>}
        </ul>
      )}
      {requestId !== undefined && <small className="dim">Request {requestId}</small>}
      {retry && !isFinal(error) && (
        <Button variant="default" onClick={retry}>
          Ask again
        </Button>
      )}
    </div>
  );
}
