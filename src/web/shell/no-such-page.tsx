import { Link } from "#web/address/link.tsx";
import { Empty } from "#web/parts/empty.tsx";
import { PageHead } from "#web/parts/page-head.tsx";

/** What is shown at an address that leads nowhere. */
export function NoSuchPage() {
  return (
    <section>
      <PageHead title="There is no such page" />
      <div className="panel">
        <Empty title="Nothing is at this address.">
          Go to <Link to="/">the board</Link>, or press Ctrl K to find what you look for.
        </Empty>
      </div>
    </section>
  );
}
