// What is marked in a text becomes the passage of a comment: <textarea data-quoted-by="#comment_quote">, and where it
// begins goes into the field that #comment_quote names in data-near.
document.addEventListener("selectionchange", () => {
  const text = document.activeElement;
  const quote = text?.matches?.("[data-quoted-by]") && document.querySelector(text.dataset.quotedBy);
  if (!quote || text.selectionEnd === text.selectionStart) return;
  quote.value = text.value.slice(text.selectionStart, Math.min(text.selectionEnd, text.selectionStart + 1000));
  document.querySelector(quote.dataset.near).value = text.selectionStart;
});

// What was marked to be written over is no passage.
document.addEventListener("input", (event) => {
  const quote = event.target.matches?.("[data-quoted-by]") && document.querySelector(event.target.dataset.quotedBy);
  if (quote && !event.target.value.includes(quote.value)) quote.value = "";
});
