/** The head of a column of buttons, which needs no word for those who see them. */
export function ActionsHead() {
  return (
    <th>
      <span className="unseen">Actions</span>
    </th>
  );
}
