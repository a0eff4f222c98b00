import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Refusal, taken } from "#web/api/client.ts";
import { type PasskeyAsked, signByPasskey } from "#web/api/passkeys.ts";
import { askLogin, useLogin, useSendsLinks } from "#web/api/session.ts";
import { sentenceOf } from "#web/parts/problem.tsx";
import { Mark } from "./mark.tsx";

/** Where an operator's key opens a session. */
export function Login() {
  const [link, setLink] = useState(() => window.location.hash.slice(1));
  const [isByMail, setByMail] = useState(false);
  const sendsLinks = useSendsLinks();
  if (link.startsWith("lg_login_")) return <ByLink link={link} leave={() => setLink("")} />;
  if (isByMail) return <ByMail leave={() => setByMail(false)} />;
  return <ByKey byMail={sendsLinks === true ? () => setByMail(true) : undefined} />;
}

function ByKey({ byMail }: { byMail: (() => void) | undefined }) {
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
          description="In the file operator-key of the server's DATA_DIR, or made with leadgate operator-keys create."
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
        {byMail !== undefined && (
          <Button variant="subtle" size="sm" onClick={byMail}>
            Send me a link instead
          </Button>
        )}
        <p>
          The browser keeps a session of 12 hours and not the key. <a href="/docs">API and manual</a>
        </p>
      </form>
    </main>
  );
}

/** A link logs in at the press of the button alone: what scans e-mails opens links too. */
function ByLink({ link, leave }: { link: string; leave(): void }) {
  const { enter } = useLogin();
  const [asked, setAsked] = useState<PasskeyAsked>();
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);

  async function press() {
    setAsking(true);
    try {
      const passkey = await enter(link);
      // The link is used up by now, and of no more use in the address.
      window.history.replaceState(null, "", "/console");
      setAsked(passkey);
    } catch (error) {
      setProblem(sentenceOf(error));
      setAsking(false);
    }
  }

  function back() {
    window.history.replaceState(null, "", "/console");
    leave();
  }

  if (asked !== undefined) return <ByPasskey asked={asked} leave={back} />;
  return (
    <main className="login">
      <div className="login-card">
        <Mark size={36} />
        <h1>Log in to Leadgate</h1>
        {problem === undefined ? (
          <Button size="sm" fullWidth loading={isAsking} onClick={() => void press()} autoFocus>
            Log in
          </Button>
        ) : (
          <>
            <p role="alert">{problem}</p>
            <Button variant="default" size="sm" onClick={back}>
              Back
            </Button>
          </>
        )}
      </div>
    </main>
  );
}

/** The second step of who has passkeys: asked for at once, and again at the press of the button. */
function ByPasskey({ asked, leave }: { asked: PasskeyAsked; leave(): void }) {
  const { enterSigned } = useLogin();
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [isOver, setOver] = useState(false);
  const wasAsked = useRef(false);

  async function sign() {
    setAsking(true);
    setProblem(undefined);
    try {
      await enterSigned(await signByPasskey(asked));
    } catch (error) {
      setProblem(sentenceOf(error));
      setAsking(false);
      // What was refused is asked for no second time.
      setOver(error instanceof Refusal);
    }
  }

  useEffect(() => {
    if (wasAsked.current) return;
    wasAsked.current = true;
    void sign();
  }, []);

  return (
    <main className="login">
      <div className="login-card">
        <Mark size={36} />
        <h1>Confirm with your passkey</h1>
        {problem === undefined ? (
          <p>Your browser asks for the fingerprint, face, PIN or security key that you added.</p>
        ) : (
          <p className="login-problem" role="alert">
            {problem}
          </p>
        )}
        {!isOver && (
          <Button size="sm" fullWidth loading={isAsking} onClick={() => void sign()}>
            Use a passkey
          </Button>
        )}
        <Button variant="subtle" size="sm" onClick={leave}>
          Log in otherwise
        </Button>
        <p>
          Without your devices, somebody with the role admin can remove the passkey: then the link suffices.
        </p>
      </div>
    </main>
  );
}

function ByMail({ leave }: { leave(): void }) {
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string>();
  const [wasAsked, setAsked] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      await taken(askLogin("POST", "", { email: email.trim() }));
      setAsked(true);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  }

  return (
    <main className="login">
      <form onSubmit={(event) => void submit(event)} className="login-card">
        <Mark size={36} />
        <h1>Log in to Leadgate</h1>
        {wasAsked ? (
          <p role="status">
            If {email.trim()} is an operator's, a link is on its way to it. It is good once, for 15 minutes.
          </p>
        ) : (
          <>
            <TextInput
              size="sm"
              type="email"
              label="Your e-mail"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              error={problem}
              autoComplete="email"
              autoFocus
              required
              withAsterisk={false}
            />
            <Button type="submit" size="sm" fullWidth>
              Send me a link
            </Button>
          </>
        )}
        <Button variant="subtle" size="sm" onClick={leave}>
          Log in by a key
        </Button>
      </form>
    </main>
  );
}
