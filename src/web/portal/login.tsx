import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Redirect, useLocation } from "wouter";
import { Refusal } from "#web/api/client.ts";
import { sentenceOf } from "#web/parts/problem.tsx";
import { BrandMark, useBrandName } from "#web/portal/brand/brand.tsx";
import type { Visitor } from "./api/client.ts";
import { useFront, usePortalLogin } from "./api/session.ts";

/** What stands behind # in a link, such as lg_link_… */
function linkInAddress(): string | undefined {
  const link = window.location.hash.slice(1);
  return link === "" ? undefined : link;
}

/** Where somebody comes by a link, or asks for one. */
export function PortalLogin({ visitor }: { visitor: Visitor | null }) {
  const [link, setLink] = useState(linkInAddress);
  const brand = useBrandName();
  useEffect(() => {
    document.title = `Log in · ${brand}`;
  }, [brand]);
  useEffect(() => {
    const look = () => setLink(linkInAddress());
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  if (link !== undefined) return <ByLink link={link} visitor={visitor} ask={() => setLink(undefined)} />;
  return visitor === null ? <AskForLink /> : <Redirect to="/" replace />;
}

/** A link logs in at the press of the button alone: what scans e-mails opens links too. */
function ByLink({ link, visitor, ask }: { link: string; visitor: Visitor | null; ask(): void }) {
  const { logIn } = usePortalLogin();
  const [, go] = useLocation();
  const brand = useBrandName();
  const [problem, setProblem] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);

  async function enter() {
    setAsking(true);
    try {
      await logIn(link);
      go("/", { replace: true });
    } catch (error) {
      setProblem(error);
      setAsking(false);
    }
  }

  return (
    <Card title={`Log in to ${brand}`}>
      {problem === undefined ? (
        <>
          {visitor !== null && (
            <p>You are logged in as {visitor.name} in this browser; the link takes its place.</p>
          )}
          <Button size="md" fullWidth loading={isAsking} onClick={() => void enter()} autoFocus>
            Log in
          </Button>
          <p>You stay logged in for 12 hours in this browser.</p>
        </>
      ) : (
        <>
          <p className="portal-refusal" role="alert">
            {sentenceOf(problem)}
          </p>
          <Button
            variant="default"
            onClick={() => {
              window.history.replaceState(null, "", "/portal/login");
              ask();
            }}
          >
            {problem instanceof Refusal ? "Ask for a new link" : "Back"}
          </Button>
        </>
      )}
    </Card>
  );
}

function AskForLink() {
  const front = useFront();
  const brand = useBrandName();
  const { askForLink } = usePortalLogin();
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [wasAsked, setAsked] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setAsking(true);
    setProblem(undefined);
    try {
      await askForLink(email.trim());
      setAsked(true);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setAsking(false);
  }

  if (front === undefined) return null;
  if (!front.sends_links) {
    return (
      <Card title={`Log in to ${brand}`}>
        <p>
          You come in by a link: ask {brand === "Leadgate" ? "whoever sells or buys your leads" : brand} for
          yours.
        </p>
      </Card>
    );
  }
  if (wasAsked) {
    return (
      <Card title="Look into your e-mail">
        <p role="status">
          If {email.trim()} is known here, a link is on its way to it. It is good once, for 15 minutes.
        </p>
        <Button variant="default" onClick={() => setAsked(false)}>
          Ask again
        </Button>
      </Card>
    );
  }
  return (
    <Card title={`Log in to ${brand}`}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextInput
          size="sm"
          type="email"
          label="Your e-mail"
          description="You are sent a link by which you log in."
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={problem}
          autoComplete="email"
          autoFocus
          required
          withAsterisk={false}
        />
        <Button type="submit" size="sm" fullWidth loading={isAsking}>
          Send me a link
        </Button>
      </form>
    </Card>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="login">
      <div className="login-card">
        <BrandMark />
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
