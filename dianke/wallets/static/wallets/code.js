// The page of the code loads itself again when the minute is over; without scripts the link below it does.
const card = document.querySelector("[data-reload-in]");
if (card) {
  setTimeout(() => location.reload(), Number(card.dataset.reloadIn) * 1000);
}
