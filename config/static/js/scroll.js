// data-scroll-end: a conversation begins at its newest end, where one reads and answers.
function atEnd() {
  for (const box of document.querySelectorAll("[data-scroll-end]:not([data-scrolled])")) {
    box.dataset.scrolled = "yes";
    box.scrollTop = box.scrollHeight;
  }
}

document.addEventListener("htmx:afterSettle", atEnd);
atEnd();
