// Colours and type size, before the page is painted. Kept on this machine only.
const root = document.documentElement;
root.dataset.theme = localStorage.getItem("fenban.theme") || "";
root.dataset.size = localStorage.getItem("fenban.size") || "";
