import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isFinal } from "#web/api/client.ts";
import { NoticesOnDemand } from "#web/shell/notices.tsx";
import { Shell } from "#web/shell/shell.tsx";
import { theme } from "#web/shell/theme.ts";

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
setNonce(nonce);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A server on the same machine or network is there without the internet.
      networkMode: "always",
      staleTime: 5_000,
      // What the server refuses it refuses again; who does not answer may do so soon.
      retry: (failures, error) => !isFinal(error) && failures < 20,
      retryDelay: (failures) => Math.min(500 * 1.5 ** failures, 5_000),
    },
  },
});

createRoot(document.getElementById("console") as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <NoticesOnDemand />
        <Shell />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
