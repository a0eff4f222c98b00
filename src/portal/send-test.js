// The button's address is in its data attribute. A file of its own, because the page allows no script in itself.
const button = document.getElementById("send-test");
const said = document.getElementById("test-said");
const excerpt = document.getElementById("test-excerpt");

async function sendTest() {
  button.disabled = true;
  excerpt.hidden = true;
  said.textContent = "Sending…";
  try {
    const response = await fetch(button.dataset.address, { method: "POST" });
    const { data, message, retry_after: wait } = await response.json();
    said.textContent = data?.message ?? (wait ? `${message} Try again in ${wait} s.` : message);
    excerpt.textContent = data?.excerpt ?? "";
    excerpt.hidden = excerpt.textContent === "";
  } catch {
    said.textContent = "The server could not be reached.";
  }
  button.disabled = false;
}

button.addEventListener("click", () => void sendTest());
