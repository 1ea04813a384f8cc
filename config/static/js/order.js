// A list whose lines are put in order by dragging their grips; the form it names is sent with the keys in the new order.
let moving = null;

const lines = (list) => [...list.querySelectorAll(":scope > [data-order-key]")];

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-order-grip]");
  const line = grip?.closest("[data-order-key]");
  if (!line || event.button) return;
  event.preventDefault();
  moving = { line, list: line.parentElement, before: lines(line.parentElement) };
  line.dataset.moving = "";
  grip.setPointerCapture(event.pointerId);
});

document.addEventListener("pointermove", (event) => {
  if (!moving) return;
  const { line, list } = moving;
  for (const other of lines(list)) {
    const box = other.getBoundingClientRect();
    if (other === line || event.clientY < box.top || event.clientY > box.bottom) continue;
    const below = event.clientY > box.top + box.height / 2;
    list.insertBefore(line, below ? other.nextElementSibling : other);
    break;
  }
});

document.addEventListener("pointerup", () => {
  if (!moving) return;
  const { line, list, before } = moving;
  delete line.dataset.moving;
  moving = null;
  const now = lines(list);
  if (now.every((item, place) => item === before[place])) return;
  const form = document.getElementById(list.dataset.order);
  form.querySelectorAll("input[name=rule]").forEach((field, place) => (field.value = now[place].dataset.orderKey));
  form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !moving) return;
  const { line, list, before } = moving;
  delete line.dataset.moving;
  list.append(...before);
  moving = null;
});
