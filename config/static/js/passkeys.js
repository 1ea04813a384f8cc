// Says under the button why a passkey could not be used; without this the reason would only stand in the console.
const place = document.querySelector("[data-passkey-problem]");

document.addEventListener("allauth.error", (event) => {
  if (!place) return;
  event.preventDefault();
  const { refused, known, other } = place.dataset;
  place.textContent = { NotAllowedError: refused, AbortError: refused, InvalidStateError: known }[event.detail.exception?.name] ?? other;
  place.hidden = false;
});
document.addEventListener("click", (event) => {
  if (place && event.target.closest("button")) place.hidden = true;
}, true);
