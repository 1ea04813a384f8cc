// data-insert="#reply_text" puts the button's text (or data-text) into a field where the cursor stands: saved replies.
// data-origin="12" goes into the form's field saved_reply: from where the text came.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  const field = button && document.querySelector(button.dataset.insert);
  if (!field) return;
  event.preventDefault();
  const text = button.dataset.text ?? button.textContent.trim();
  const origin = field.form?.elements.saved_reply;
  if (origin && button.dataset.origin) origin.value = button.dataset.origin;
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new CustomEvent("text-inserted", { bubbles: true }));
});

// <select data-names="#note_text">: who is chosen is also named in the text, where everybody reads it.
document.addEventListener("change", (event) => {
  const choice = event.target.matches?.("select[data-names]") ? event.target : null;
  const field = choice && document.querySelector(choice.dataset.names);
  if (!field || !choice.value) return;
  const name = `@${choice.selectedOptions[0].textContent.trim()}`;
  if (!field.value.toLowerCase().includes(name.toLowerCase())) {
    field.value = `${field.value}${/(^|\s)$/.test(field.value) ? "" : " "}${name} `;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
});
