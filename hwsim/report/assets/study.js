"use strict";
(async () => {
  const COLOURS = ["#3f7fd0", "#d9731a", "#2a9d74", "#a56ad0", "#b8891a", "#d2567a", "#1f97b0", "#97704d"];
  const data = await unpacked(document.getElementById("points-data").textContent);
  const count = data.position.length;
  const byName = new Map(data.metrics.map((metric) => [metric.name, metric]));
  const kept = new Uint8Array(count).fill(1);
  const brushed = new Map();
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function axis(title) {
    return {
      title: { text: title, font: { color: colour("--muted") } }, automargin: true, tickformat: "~s",
      gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line"),
      tickfont: { color: colour("--text") }, color: colour("--text"), backgroundcolor: colour("--surface"),
    };
  }

  const layout = (more) => ({
    paper_bgcolor: colour("--surface"), plot_bgcolor: colour("--surface"), autosize: true,
    font: { color: colour("--text"), family: getComputedStyle(document.body).fontFamily, size: 13 },
    margin: { l: 8, r: 12, t: 40, b: 8 }, legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" },
    hovermode: "closest", transition: still.matches ? { duration: 0 } : undefined, ...more,
  });

  const settings = {
    responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: "", displayModeBar: "hover",
    modeBarButtonsToRemove: ["sendDataToCloud"],
  };

  function select(form, id, label, options, chosen) {
    const box = document.createElement("div");
    const name = document.createElement("label");
    name.htmlFor = id;
    name.textContent = label;
    const list = document.createElement("select");
    list.id = id;
    for (const [value, text] of options) list.add(new Option(text, value, false, value === chosen));
    box.append(name, list);
    form.append(box);
    return list;
  }

  const title = (metric) => (metric.unit ? `${metric.says} (${metric.unit})` : metric.says);
  const label = (at) => data.settings.map((one) => `${one.name} ${one.levels[one.codes[at]]}`).join("<br>");

  // The points that the filter and the brushes leave.
  function chosen() {
    const places = [];
    for (let at = 0; at < count; at += 1) if (kept[at]) places.push(at);
    return places;
  }

  function front(places, metrics) {
    const better = (name) => (["utilization", "peak_macs_per_s", "dram_bytes_per_s"].includes(name) ? -1 : 1);
    const costs = (at) => metrics.map((metric) => better(metric.name) * metric.values[at]);
    const usable = places.filter((at) => data.feasible[at] && metrics.every((metric) => metric.values[at] !== null));
    const rows = usable.map((at) => [costs(at), at]);
    rows.sort(([left], [right]) => {
      for (let k = 0; k < left.length; k += 1) if (left[k] !== right[k]) return left[k] - right[k];
      return 0;
    });
    const found = [];
    for (const [cost, at] of rows) {
      const beaten = found.some(([other]) => other.every((c, k) => c <= cost[k]) && other.some((c, k) => c < cost[k]));
      if (!beaten) found.push([cost, at]);
    }
    return found.map(([, at]) => at);
  }

  function trace(name, places, axes, metrics, look) {
    const solid = axes.z !== "";
    const of = (metric) => places.map((at) => metric.values[at]);
    const base = {
      name, mode: "markers", x: of(metrics[0]), y: of(metrics[1]), text: places.map(label),
      hovertemplate: `%{text}<br>${metrics[0].says} %{x:.4s}<br>${metrics[1].says} %{y:.4s}<extra>${name}</extra>`,
      customdata: places, ...look,
    };
    return solid ? { ...base, type: "scatter3d", z: of(metrics[2]) } : { ...base, type: count > 4000 ? "scattergl" : "scatter" };
  }

  const axesForm = document.getElementById("front-axes");
  const names = data.metrics.map((metric) => [metric.name, title(metric)]);
  const [first, second] = [data.objectives[0], data.objectives[1] ?? data.metrics.find((one) => one.name !== data.objectives[0]).name];
  const x = select(axesForm, "front-x", "Across", names, first);
  const y = select(axesForm, "front-y", "Up", names, second);
  const z = select(axesForm, "front-z", "Depth", [["", "none (2D)"], ...names], "");
  const by = select(axesForm, "front-by", "Colour by", [["bound_by", "what bounds it"], ["", "nothing"], ...data.settings.map((one) => [one.name, one.name])], "bound_by");

  function groups(places) {
    const coded = by.value === "bound_by" ? data.bound_by : data.settings.find((one) => one.name === by.value);
    if (!coded) return [["points", places]];
    return coded.levels.map((level, code) => [level, places.filter((at) => coded.codes[at] === code)]).filter(([, own]) => own.length);
  }

  function drawFront() {
    const axes = { x: x.value, y: y.value, z: z.value };
    const metrics = [axes.x, axes.y, axes.z].filter(Boolean).map((name) => byName.get(name));
    const places = chosen();
    const on = front(places, metrics);
    const size = axes.z ? 3 : 6;
    const open = places.filter((at) => !data.feasible[at]);
    const good = places.filter((at) => data.feasible[at]);
    const traces = groups(good).map(([name, own], at) =>
      trace(name, own, axes, metrics, { marker: { size, color: COLOURS[at % COLOURS.length], opacity: 0.75 } }));
    if (open.length) traces.push(trace("infeasible", open, axes, metrics, { marker: { size, color: "#808a95", opacity: 0.35 } }));
    const look = { mode: axes.z ? "markers" : "lines+markers", line: { color: colour("--text"), width: 1.5, shape: "hv" }, marker: { size: size + 4, symbol: "diamond-open", color: colour("--text") } };
    traces.push(trace("Pareto front", on, axes, metrics, look));
    const scene = { xaxis: axis(title(metrics[0])), yaxis: axis(title(metrics[1])), zaxis: metrics[2] && axis(title(metrics[2])) };
    const frame = axes.z ? { scene } : { xaxis: scene.xaxis, yaxis: scene.yaxis };
    Plotly.react("front", traces, layout({ height: 520, ...frame }), settings);
    const best = on.length ? ` The first has ${metrics[0].says} ${number(metrics[0], on[0])}: ${label(on[0]).replaceAll("<br>", ", ")}.` : "";
    document.getElementById("front-says").textContent =
      `${on.length} of ${good.length} feasible points are best in ${metrics.map((metric) => metric.says).join(" and ")} together.${best}`;
  }

  const number = (metric, at) => `${Number(metric.values[at].toPrecision(4))} ${metric.unit}`.trim();

  function parallelAxes() {
    const own = data.settings.map((one) => ({
      key: one.name, label: one.name, tickvals: one.levels.map((_, at) => at), ticktext: one.levels, values: one.codes,
    }));
    const shown = data.metrics.filter((metric) => metric.values.some((value) => value !== null)).slice(0, 5);
    return [...own, ...shown.map((metric) => ({ key: metric.name, label: title(metric), values: metric.values.map((value) => value ?? NaN), tickformat: "~s" }))];
  }

  const drawnAxes = parallelAxes();

  function drawParallel() {
    const places = passing((at) => filtered[at]);
    const dimensions = drawnAxes.map((one) => ({ ...one, values: places.map((at) => one.values[at]), constraintrange: brushed.get(one.key) }));
    const metric = byName.get(first);
    Plotly.react("parallel", [{
      type: "parcoords", dimensions, labelangle: -12, labelfont: { color: colour("--text") }, tickfont: { color: colour("--text") },
      line: { color: places.map((at) => metric.values[at] ?? NaN), colorscale: "Viridis", reversescale: true },
      unselected: { line: { opacity: 0.05 } },
    }], layout({ height: 420, margin: { l: 130, r: 60, t: 90, b: 20 } }), settings);
  }

  const passing = (test) => Array.from({ length: count }, (_, at) => at).filter(test);
  const inside = (value, ranges) => {
    if (!ranges) return true;
    const list = Array.isArray(ranges[0]) ? ranges : [ranges];
    return list.some(([low, high]) => value >= low && value <= high);
  };

  const filterForm = document.getElementById("filter");
  const lists = data.settings.map((one, at) =>
    [one, select(filterForm, `filter-${at}`, one.name, [["", "all"], ...one.levels.map((level, code) => [String(code), level])], "")]);
  const only = select(filterForm, "filter-feasible", "points", [["", "all"], ["1", "feasible only"]], "");
  const filtered = new Uint8Array(count).fill(1);

  function applyFilter() {
    for (let at = 0; at < count; at += 1) {
      const fits = lists.every(([one, list]) => list.value === "" || one.codes[at] === Number(list.value));
      filtered[at] = fits && (only.value === "" || data.feasible[at]) ? 1 : 0;
    }
    applyBrushes();
  }

  function applyBrushes() {
    for (let at = 0; at < count; at += 1) {
      kept[at] = filtered[at] && drawnAxes.every((one) => inside(one.values[at], brushed.get(one.key))) ? 1 : 0;
    }
    const left = chosen().length;
    document.getElementById("told").textContent = `${left} of ${count} points are shown.`;
    document.documentElement.dataset.left = String(left);
    drawFront();
  }

  function quoted(value) {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv() {
    const head = ["position", ...data.settings.map((one) => one.name), ...data.metrics.map((metric) => metric.name), "bound_by", "feasible", "pareto"];
    const rows = chosen().map((at) => [
      data.position[at], ...data.settings.map((one) => one.levels[one.codes[at]]), ...data.metrics.map((metric) => metric.values[at]),
      data.bound_by.levels[data.bound_by.codes[at]], data.feasible[at], data.pareto[at],
    ]);
    return [head, ...rows].map((row) => row.map(quoted).join(",")).join("\n") + "\n";
  }

  document.getElementById("download").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = "points.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  window.hwsimStudy = { csv, data };

  for (const form of [axesForm, filterForm]) form.addEventListener("submit", (event) => event.preventDefault());
  axesForm.addEventListener("change", drawFront);
  filterForm.addEventListener("change", () => { applyFilter(); drawParallel(); });
  applyFilter();
  drawParallel();
  document.getElementById("parallel").on("plotly_restyle", () => {
    document.getElementById("parallel").data[0].dimensions.forEach((one) => brushed.set(one.key, one.constraintrange));
    applyBrushes();
  });
  dark.addEventListener("change", () => { drawFront(); drawParallel(); });
  document.documentElement.dataset.explored = "true";
})();
