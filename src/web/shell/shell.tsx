import { ActionIcon, AppShell, Burger, Center, Loader, Tooltip, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import IconLogout from "@tabler/icons-react/icons/IconLogout";
import IconMoon from "@tabler/icons-react/icons/IconMoon";
import IconSearch from "@tabler/icons-react/icons/IconSearch";
import IconSun from "@tabler/icons-react/icons/IconSun";
import { focusManager } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Fragment, Suspense, useEffect, useMemo, useState } from "react";
import { useConfiguration } from "#web/api/configuration.ts";
import { useLogin, useSession } from "#web/api/session.ts";
import { isAnythingUnsaved } from "#web/forms/unsaved.ts";
import { PartyZones, zonesOf } from "#web/times/clocks.ts";
import { AwayNotice, useServerWatch } from "./away.tsx";
import { KeysHelp } from "./keys-help.tsx";
import { Login } from "./login.tsx";
import { Mark } from "./mark.tsx";
import { Palette } from "./palette.tsx";
import { PLACES } from "./places.ts";
import { useShortcuts } from "./shortcuts.ts";

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
  const { pathname } = useLocation();
  const [isAskingKeys, keys] = useDisclosure(false);
  const { data } = useConfiguration();
  const zones = useMemo(() => zonesOf(data ?? { buyers: [], suppliers: [] }), [data]);
  useShortcuts(keys.open);
  useEffect(menu.close, [pathname]);
  return (
    <AppShell
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      header={{ height: { base: 48, sm: 0 } }}
    >
      <AppShell.Header hiddenFrom="sm" className="top">
        <Burger opened={isOpen} onClick={menu.toggle} size="sm" aria-label="Menu" />
        <Link to="/" className="nav-brand">
          <Mark size={22} />
          Leadgate
        </Link>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={spotlight.open}
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
        <div className="page" id="page">
          <Suspense fallback={<Loader size="sm" aria-label="Loading" />}>
            <PartyZones value={zones}>
              <Outlet />
            </PartyZones>
          </Suspense>
        </div>
      </AppShell.Main>
      <Palette />
      {isAskingKeys && <KeysHelp close={keys.close} />}
    </AppShell>
  );
}

function Navigation() {
  const session = useSession();
  const { logOut } = useLogin();
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
      <button type="button" className="nav-search" onClick={spotlight.open}>
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
              activeOptions={{ exact: to === "/", includeSearch: false }}
              activeProps={{ "data-active": true }}
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
