// Search in the tasks. All facts are there without it.
(function () {
  "use strict";
  var tasks = document.getElementById("tasks"), input = document.createElement("input"), bar = document.createElement("div");
  var said = document.createElement("span"), articles = Array.prototype.slice.call(tasks.querySelectorAll("article"));
  var texts = articles.map(function (one) { return one.textContent.toLowerCase(); });
  input.type = "search";
  input.placeholder = "Search in tasks, commands and output";
  input.setAttribute("aria-label", input.placeholder);
  bar.className = "search";
  said.className = "dim";
  bar.append(input, said);
  tasks.insertBefore(bar, tasks.children[1]);
  input.addEventListener("input", function () {
    var wanted = input.value.toLowerCase(), found = 0;
    articles.forEach(function (one, place) {
      var there = texts[place].indexOf(wanted) >= 0;
      one.classList.toggle("hidden", !there);
      found += there ? 1 : 0;
      if (there && wanted) {
        one.querySelectorAll("details").forEach(function (part) {
          if (part.textContent.toLowerCase().indexOf(wanted) >= 0) { part.open = true; }
        });
      }
    });
    said.textContent = wanted ? found + " of " + articles.length + " tasks" : "";
  });
  // a link to a task that the search hides shows it
  window.addEventListener("hashchange", function () {
    var one = document.getElementById(location.hash.slice(1));
    if (one) { one.classList.remove("hidden"); one.scrollIntoView(); }
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
})();
