import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLogin } from "#web/api/session.ts";
import { sentenceOf } from "#web/parts/problem.tsx";
import { Mark } from "./mark.tsx";

/** Where an operator's key opens a session. */
export function Login() {
  const { logIn } = useLogin();
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setAsking(true);
    setProblem(undefined);
    try {
      await logIn(key.trim());
    } catch (error) {
      setProblem(
        (error as { status?: number }).status === 401
          ? "This key is not valid, or not any more."
          : sentenceOf(error),
      );
      setAsking(false);
    }
  }

  return (
    <main className="login">
      <form onSubmit={(event) => void submit(event)} className="login-card">
        <Mark size={36} />
        <h1>Log in to Leadgate</h1>
        <PasswordInput
          size="sm"
          label="Operator key"
          description="Made with leadgate operator-keys create, or LEADGATE_ADMIN_KEY of the settings."
          placeholder="lg_…"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={problem}
          autoComplete="current-password"
          autoFocus
          required
          withAsterisk={false}
        />
        <Button type="submit" size="sm" fullWidth loading={isAsking}>
          Log in
        </Button>
        <p>
          The browser keeps a session of 12 hours and not the key. <a href="/docs">API and manual</a>
        </p>
      </form>
    </main>
  );
}
