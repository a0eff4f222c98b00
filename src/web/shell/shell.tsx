import { ActionIcon, AppShell, Burger, Center, Loader, Tooltip, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import IconLogout from "@tabler/icons-react/icons/IconLogout";
import IconMoon from "@tabler/icons-react/icons/IconMoon";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import IconSun from "@tabler/icons-react/icons/IconSun";
import { focusManager } from "@tanstack/react-query";
import { Fragment, lazy, Suspense, useDeferredValue, useEffect, useMemo, useState } from "react";
import { ShownHere, useHere } from "#web/address/here.ts";
import { Link } from "#web/address/link.tsx";
import { useConfiguration } from "#web/api/configuration.ts";
import { useLogin, useSession } from "#web/api/session.ts";
import { isAnythingUnsaved } from "#web/forms/unsaved.ts";
import { PartyZones, zonesOf } from "#web/times/clocks.ts";
import { AwayNotice, MissingNodesNotice, useServerWatch } from "./away.tsx";
import { FailureBoundary } from "./failure.tsx";
import { loadPart } from "./load-part.ts";
import { Login } from "./login.tsx";
import { Mark } from "./mark.tsx";
import { NoSuchPage } from "./no-such-page.tsx";
import { loadAhead, pageAt } from "./pages.ts";
import { loadPaletteAhead, PaletteOnDemand, palette } from "./palette-on-demand.tsx";
import { PLACES } from "./places.ts";
import { useShortcuts } from "./shortcuts.ts";

const KeysHelp = lazy(async () => ({
  default: (await loadPart(() => import("./keys-help.tsx"))).KeysHelp,
}));

/** What is around every page: where one can go, who is logged in, whether the server answers. */
export function Shell() {
  const session = useSession();
  const { forget } = useLogin();
  const { kept, keep } = useKept(session);
  const isAway = useServerWatch(() => {
    keep();
    forget();
  });
  if (session === undefined) {
    return <Center h="100vh">{isAway ? <AwayNotice /> : <Loader size="sm" aria-label="Loading" />}</Center>;
  }
  const shown = session ?? kept;
  return (
    <>
      {session === null && <Login />}
      {shown !== undefined && (
        <div hidden={session === null}>
          <LoggedIn key={`${shown.name} ${shown.role}`} isAway={isAway} />
        </div>
      )}
    </>
  );
}

/**
 * Who was logged in, once the server has ended that by itself while he had something written: it waits behind the login, for him alone,
 * and asks the server nothing meanwhile.
 */
function useKept(session: ReturnType<typeof useSession>) {
  const [kept, setKept] = useState<NonNullable<typeof session>>();
  const isKept = session === null && kept !== undefined;
  useEffect(() => {
    focusManager.setFocused(isKept ? false : undefined);
  }, [isKept]);
  useEffect(() => {
    if (session) setKept(undefined);
  }, [session]);
  return {
    kept,
    keep: () => {
      if (session && isAnythingUnsaved()) setKept(session);
    },
  };
}

function LoggedIn({ isAway }: { isAway: boolean }) {
  const [isOpen, menu] = useDisclosure(false);
  const { path } = useHere();
  const [isAskingKeys, keys] = useDisclosure(false);
  const { data } = useConfiguration();
  const zones = useMemo(() => zonesOf(data ?? { buyers: [], suppliers: [] }), [data]);
  useShortcuts(keys.open);
  useEffect(menu.close, [path]);
  return (
    <AppShell
      navbar={{ width: 208, breakpoint: "md", collapsed: { mobile: !isOpen } }}
      header={{ height: { base: 48, md: 0 } }}
      onPointerOver={({ target }) => loadAhead(target)}
      onFocus={({ target }) => loadAhead(target)}
    >
      <AppShell.Header hiddenFrom="md" className="top">
        <Burger opened={isOpen} onClick={menu.toggle} size="sm" aria-label="Menu" />
        <Link to="/" className="nav-brand">
          <Mark size={22} />
          Leadgate
        </Link>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={palette.open}
          onPointerOver={loadPaletteAhead}
          aria-label="Search everything"
        >
          <IconSearch size={18} />
        </ActionIcon>
      </AppShell.Header>
      <AppShell.Navbar className="nav" aria-label="Main">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main>
        <a className="skip" href="#page">
          Skip to the page
        </a>
        {isAway && <AwayNotice />}
        <MissingNodesNotice />
        <div className="page" id="page">
          <Suspense fallback={<Loader size="sm" aria-label="Loading" />}>
            <PartyZones value={zones}>
              <ShownPage />
            </PartyZones>
          </Suspense>
        </div>
      </AppShell.Main>
      <PaletteOnDemand />
      <Suspense>{isAskingKeys && <KeysHelp close={keys.close} />}</Suspense>
    </AppShell>
  );
}

/** The page of the address; the one before stays while it is loaded, and what else the address says holds at once. */
function ShownPage() {
  const now = useHere();
  const before = useDeferredValue(now);
  const here = before.path === now.path ? now : before;
  const Page = pageAt(here.path) ?? NoSuchPage;
  useEffect(() => {
    // It returns a promise in some browsers, which is nothing to end the effect by.
    window.scrollTo(0, 0);
  }, [here.path]);
  return (
    <FailureBoundary key={here.path}>
      <ShownHere value={here}>
        <Page />
      </ShownHere>
    </FailureBoundary>
  );
}

function Navigation() {
  const session = useSession();
  const { logOut } = useLogin();
  const { path } = useHere();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  const otherScheme = isDark ? "light" : "dark";
  return (
    <>
      <Link to="/" className="nav-brand">
        <Mark size={22} />
        Leadgate
      </Link>
      <button type="button" className="nav-search" onClick={palette.open} onPointerOver={loadPaletteAhead}>
        <IconSearch size={15} aria-hidden />
        <span>Search</span>
        <kbd>{isMac() ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <div className="nav-places">
        {PLACES.map(({ to, label, icon: Icon, key, begins }) => (
          <Fragment key={to}>
            {begins !== undefined && <div className="nav-group">{begins}</div>}
            <Link
              to={to}
              className="nav-place"
              aria-current={path === to ? "page" : undefined}
              title={`g ${key}`}
            >
              <Icon size={17} stroke={1.7} aria-hidden />
              {label}
            </Link>
          </Fragment>
        ))}
      </div>
      <div className="nav-foot">
        <div className="nav-links">
          <a href="/docs">API</a>
          <a href="/docs/quickstart">Manual</a>
        </div>
        <div className="nav-who">
          <span>
            <b>{session?.name}</b>
            <small>{session?.role}</small>
          </span>
          <Tooltip label={`Turn ${otherScheme}`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={() => setColorScheme(otherScheme)}
              aria-label={`Turn ${otherScheme}`}
            >
              {isDark ? <IconSun size={16} /> : <IconMoon size={16} />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Log out">
            <ActionIcon variant="subtle" color="gray" onClick={() => void logOut()} aria-label="Log out">
              <IconLogout size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </>
  );
}

function isMac(): boolean {
  return navigator.userAgent.includes("Mac");
}
