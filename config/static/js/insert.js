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
