"use strict";
// A click on a time marks that moment on every figure over time.
function mark(at) {
  for (const plot of document.querySelectorAll(".plot")) {
    plot.querySelector(".moment")?.remove();
    const d = plot.dataset, from = Number(d.from), to = Number(d.to);
    if (!("x0" in d) || at < from || at > to) continue;
    const x0 = Number(d.x0), x1 = Number(d.x1);
    const line = document.createElement("div");
    line.className = "moment";
    line.style.left = 100 * (x0 + (x1 - x0) * (at - from) / (to - from)) + "%";
    const label = document.createElement("span");
    label.textContent = at.toFixed(3) + " s";
    line.append(label);
    plot.append(line);
  }
}
document.addEventListener("click", (event) => {
  const link = event.target.closest(".at");
  if (!link) return;
  mark(Number(link.dataset.at));
  for (const old of document.querySelectorAll("li.now")) old.classList.remove("now");
  link.closest("li")?.classList.add("now");
});
// A printed report shows its evidence.
addEventListener("beforeprint", () => {
  for (const d of document.querySelectorAll("details.verdict")) d.open = true;
});
