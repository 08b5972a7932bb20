// Corkboard's own script. Liftgate's widget answers a 402 before the promise of fetch resolves, so nothing in this file
// knows about plans: a button calls its address, and gets its answer once the gate has opened.

const message = document.getElementById("message");
let hiding;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-call]")) return;
  event.preventDefault();
  call(form);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-ask]");
  if (!link) return;
  event.preventDefault();
  open(link);
});

// After an upgrade the locks in the navigation are gone, without a reload. The version lets the host's SDK know that what
// it has cached is older than what the reader has just been told.
document.addEventListener("liftgate:completed", (event) => refresh(event.detail.order.customer_version));

async function call(form) {
  const button = form.querySelector("button");
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (response.status === 402) return;
    if (!response.ok) return say(`${response.status} ${response.statusText}`);
    await (form.dataset.file ? save(response, form) : take(await response.json()));
  } catch (error) {
    say(String(error.message ?? error));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function open(link) {
  const response = await fetch(link.href, { headers: { Accept: "application/json" } });
  if (response.ok) location.assign(link.href);
}

async function take(answer) {
  await refresh();
  if (answer.text) {
    const paragraph = document.createElement("p");
    paragraph.textContent = answer.text;
    document.getElementById("written")?.prepend(paragraph);
  }
  say(answer.message);
}

async function save(response, form) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = form.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  await refresh();
  say(form.dataset.done);
}

async function refresh(version) {
  const headers = { Accept: "text/html", ...(version && { "Liftgate-Version": version }) };
  const answer = await fetch(location.href, { headers });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["navigation", "page"]) {
    document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
}

function say(text) {
  message.textContent = text;
  message.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => message.classList.remove("shown"), 2500);
}
