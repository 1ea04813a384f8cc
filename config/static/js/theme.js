// Light, dark, or as the system has it. The choice is a cookie, so the server draws the next page right from the start.
const buttons = () => document.querySelectorAll("[data-theme-set]");

function show() {
  const chosen = document.documentElement.dataset.theme ?? "";
  for (const button of buttons()) button.setAttribute("aria-pressed", String(button.dataset.themeSet === chosen));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-set]");
  if (!button) return;
  const chosen = button.dataset.themeSet;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  const life = chosen ? 60 * 60 * 24 * 365 : 0;
  const [before, secure] = location.protocol === "https:" ? ["__Host-", "; secure"] : ["", ""];
  document.cookie = `${before}theme=${chosen}; path=/; max-age=${life}; samesite=lax${secure}`;
  show();
});

show();
