"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 560px)");
  const touch = window.matchMedia("(pointer: coarse)");
  const LONGEST_NARROW_LABEL = 21;

  // Colours and letters of the page, as a Plotly template.
  function template() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = {
      gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line"),
      tickcolor: colour("--line"), tickfont: { color: colour("--text") },
      title: { font: { color: colour("--muted"), size: narrow.matches ? 11 : 13 } },
    };
    return {
      layout: {
        paper_bgcolor: colour("--surface"), plot_bgcolor: colour("--surface"),
        font: { family: getComputedStyle(document.body).fontFamily, size: narrow.matches ? 11 : 13, color: colour("--text") },
        xaxis: axis, yaxis: axis,
        hoverlabel: {
          bgcolor: colour("--raised"), bordercolor: colour("--muted"), align: "left",
          font: { color: colour("--text"), size: 13 },
        },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--muted"), activecolor: colour("--accent") },
      },
    };
  }

  // The end of a name tells more than its beginning.
  function cut(label) {
    return label.length <= LONGEST_NARROW_LABEL ? label : label.slice(0, 4) + "…" + label.slice(5 - LONGEST_NARROW_LABEL);
  }

  // Where there is little room, the nodes of a flow show their names without their values.
  function fittedData(traces) {
    if (!narrow.matches) return traces;
    return traces.map((trace) =>
      trace.type === "sankey" ? { ...trace, node: { ...trace.node, label: trace.node.customdata.map(cut) } } : trace);
  }

  function fitted(layout) {
    const fit = { ...layout, template: template(), autosize: true };
    if (touch.matches) fit.dragmode = false;
    if (!narrow.matches) return fit;
    for (const [key, axis] of Object.entries(layout)) {
      if (/^yaxis/.test(key) && axis.ticktext) fit[key] = { ...axis, ticktext: axis.ticktext.map(cut) };
      if (/^xaxis/.test(key)) fit[key] = { nticks: 5, ...axis };
    }
    return fit;
  }

  // A list of the buttons we want: by itself Plotly offers to send the data to a server.
  const settings = (layout) => ({
    responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: "",
    displayModeBar: touch.matches ? false : "hover",
    modeBarButtons: [layout.xaxis ? ["toImage", "zoom2d", "pan2d", "resetScale2d"] : ["toImage"]],
  });

  function draw() {
    for (const [id, figure] of Object.entries(figures)) {
      Plotly.react(id, fittedData(figure.data), fitted(figure.layout), settings(figure.layout));
    }
    // The table below a figure says what it shows; a screen reader need not read its labels one by one.
    for (const picture of document.querySelectorAll(".plot svg.main-svg")) picture.setAttribute("aria-hidden", "true");
  }

  const compare = (left, right) =>
    typeof left === "number" ? left - right : left.localeCompare(right, "en", { numeric: true });

  // The value a row is sorted by: the exact number behind a cell if it has one; gaps come last.
  function keyOf(row, column) {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.textContent === "–" ? null : cell.textContent;
  }

  function sort(table, column, heading) {
    const descending = heading.getAttribute("aria-sort") === "ascending"
      || (!heading.hasAttribute("aria-sort") && heading.classList.contains("number"));
    const rows = [...table.tBodies[0].rows].map((row) => [keyOf(row, column), row]);
    rows.sort(([left], [right]) => {
      if (left === null || right === null) return (left === null) - (right === null);
      return descending ? compare(right, left) : compare(left, right);
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    table.tBodies[0].append(...rows.map(([, row]) => row));
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, column, heading));
      heading.append(button);
    });
  }

  function makeSearchable(table) {
    const rows = [...table.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
    if (rows.length <= 10) return;
    const find = document.createElement("div");
    find.className = "find";
    const label = document.createElement("label");
    label.htmlFor = `${table.id}-find`;
    label.textContent = "Show rows with";
    const input = document.createElement("input");
    input.type = "search";
    input.id = label.htmlFor;
    const told = document.createElement("output");
    told.htmlFor = input.id;
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      told.textContent = `${shown} of ${rows.length} rows`;
    };
    input.addEventListener("input", show);
    find.append(label, input, told);
    table.closest(".scroll").before(find);
    show();
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    makeSortable(table);
    makeSearchable(table);
  }
  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
  document.documentElement.dataset.drawn = "true";
})();
