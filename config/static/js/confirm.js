// data-confirm="Delete the source “Forum”?" on a form or on one of its buttons asks first; without script it just does it.
const dialog = document.getElementById("confirm");
const agreed = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (!question || !dialog) return;
  if (agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("[data-confirm-text]").textContent = question;
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = button?.textContent.trim() || yes.textContent;
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    agreed.add(form);
    form.requestSubmit(button ?? undefined);
  }, { once: true });
  dialog.showModal();
}, true);
