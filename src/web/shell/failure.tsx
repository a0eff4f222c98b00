import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Empty } from "#web/parts/empty.tsx";

/** What is shown in a page's place when it cannot be: as after an upgrade, when the parts that it wants are those of before. */
function Failure() {
  return (
    <section className="panel" role="alert">
      <Empty title="This page could not be shown.">
        The server may have been upgraded meanwhile: loading it anew brings the new pages.
        <div className="above">
          <Button onClick={() => window.location.reload()}>Load it anew</Button>
        </div>
      </Empty>
    </section>
  );
}

/** Keeps what fails within it from taking the whole page along. */
export class FailureBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };
  static getDerivedStateFromError() {
    return { hasFailed: true };
  }
  override render(): ReactNode {
    return this.state.hasFailed ? <Failure /> : this.props.children;
  }
}
