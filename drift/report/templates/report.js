(() => {
  "use strict";
  const source = document.getElementById("charts");
  if (!source) return;
  const charts = JSON.parse(source.textContent);
  const DAY = 86400;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // as drift.results.wording.number
  const digits = (value) => {
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size >= 1000) return Math.round(value).toLocaleString("en-US").replace("-", "−");
    if (size < 1e-6) return value.toExponential(1).replace("-", "−");
    const text = value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size))));
    return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace("-", "−");
  };
  const cents = (value) => (value >= 1 && value < 1000 ? value.toFixed(2).replace(/\.00$/, "") : digits(value));
  const bare = ["", "0–1", "−1–1", "score", "cosine"];
  const number = (value, unit) => {
    if (value === null || value === undefined) return "unknown";
    if (unit === "share") return digits(100 * value) + " %";
    if (unit === "USD") return value < 0 ? "−$" + cents(-value) : "$" + cents(value);
    return bare.includes(unit) ? digits(value) : digits(value) + " " + unit;
  };
  const when = (x) => new Date(x * DAY * 1000).toLocaleDateString("en-GB", {
    timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric",
  });

  const axes = (unit, time) => {
    const style = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    // the unit stands in the caption: on the axis only signs that change the number
    const sign = unit === "share" || unit === "USD" ? unit : "";
    const short = (u, values) => values.map((value) => (value === null ? "" : number(value, sign)));
    const months = [[31536000, "{YYYY}"], [2419200, "{MMM}", "\n{YYYY}"], [DAY, "{D} {MMM}"]]
      .map(([step, text, year]) => [step, text, year || null, null, null, null, null, null, 1]);
    return [
      time ? { ...style, size: 30, space: 70, values: months, incrs: [1, 2, 7, 14, 28, 91].map((days) => days * DAY) }
        : { ...style, size: 30, values: short, space: 80 },
      { ...style, values: short, size: 64 },
    ];
  };
  // 1, 2, 5, 10, … between two values, as logarithms
  const decades = (low, high) => {
    const found = [];
    for (let power = Math.floor(low); power <= high; power++) [1, 2, 5].forEach((step) => found.push(power + Math.log10(step)));
    return found.filter((at) => at >= low && at <= high);
  };

  // what a chart of each kind draws, and what it says of a place on its x axis
  const kinds = {
    series(chart) {
      const banded = Boolean(chart.expected);
      const quiet = { width: 0, points: { show: false } };
      const series = [{}, { stroke: colour("--accent"), width: 2, points: { show: true, size: 5, fill: colour("--accent") } }];
      const data = [chart.x.map((x) => x * DAY), chart.y];
      if (banded) {
        series.push({ stroke: colour("--expected"), width: 1.5, dash: [5, 4], points: { show: false } }, quiet, quiet);
        data.push(chart.expected, chart.high, chart.low);
      }
      const alarms = new Set(chart.alarms);
      return {
        data, series, time: true, unit: chart.unit,
        bands: banded ? [{ series: [3, 4], fill: colour("--band") }] : [],
        before: (u) => since(u, chart),
        after: (u) => { marks(u, chart); dots(u, chart); },
        say: (i) => {
          const seen = chart.y[i] === null ? "no value" : number(chart.y[i], chart.unit);
          const usual = banded && chart.expected[i] !== null ? `, ${number(chart.expected[i], chart.unit)} expected (95 % of ordinary days: `
            + `${number(chart.low[i], chart.unit)} to ${number(chart.high[i], chart.unit)})` : "";
          return `${when(chart.x[i])}: ${seen}${usual}${alarms.has(i) ? ", alarm" : ""}`;
        },
        head: banded ? ["Day", "Seen", "Expected", "Low", "High", "Alarm"] : ["Day", "Seen", "Alarm"],
        row: (i) => [when(chart.x[i]), number(chart.y[i], chart.unit),
          ...(banded ? ["expected", "low", "high"].map((name) => (chart[name][i] === null ? "" : number(chart[name][i], chart.unit))) : []),
          alarms.has(i) ? "yes" : ""],
      };
    },
    lines(chart) {
      return {
        data: [chart.x.map((x) => x * DAY), ...chart.lines.map((line) => line.y)], time: true, unit: chart.unit, bands: [],
        series: [{}, ...chart.lines.map((line, i) => ({ stroke: colour("--c" + (i % 8)), width: 2, dash: i > 7 ? [6, 3] : [], points: { show: false } }))],
        after: (u) => marks(u, chart),
        say: (i) => `${when(chart.x[i])}: ` + chart.lines
          .filter((line) => line.y[i] !== null).map((line) => `${line.name} ${number(line.y[i], chart.unit)}`).join(", "),
        head: ["Day", ...chart.lines.map((line) => line.name)],
        row: (i) => [when(chart.x[i]), ...chart.lines.map((line) => number(line.y[i], chart.unit))],
      };
    },
    distribution(chart) {
      const stepped = uPlot.paths.stepped({ align: 1 });
      const last = (values) => [...values, values[values.length - 1]];
      return {
        data: [chart.log ? chart.edges.map(Math.log10) : chart.edges, last(chart.usual), last(chart.now)], time: false, unit: chart.unit, log: chart.log, bands: [], yUnit: "share",
        series: [{}, { stroke: colour("--muted"), fill: colour("--line"), width: 1, paths: stepped, points: { show: false } },
          { stroke: colour("--accent"), width: 2, paths: stepped, points: { show: false } }],
        say: (i) => {
          const at = Math.min(i, chart.usual.length - 1);
          return `${number(chart.edges[at], "")} to ${number(chart.edges[at + 1], chart.unit)}: `
            + `${number(chart.now[at], "share")} now, ${number(chart.usual[at], "share")} usually`;
        },
        places: chart.usual.length,
        head: ["From", "To", "Usually", "Now"],
        row: (i) => [number(chart.edges[i], chart.unit), number(chart.edges[i + 1], chart.unit), number(chart.usual[i], "share"), number(chart.now[i], "share")],
      };
    },
  };

  const since = (u, chart) => {
    if (!chart.since) return;
    const { ctx, bbox } = u;
    const [first, low, high] = chart.since.map((x) => u.valToPos(x * DAY, "x", true));
    ctx.save();
    ctx.fillStyle = colour("--drift-fill");
    const width = Math.max(high - low, 8 * devicePixelRatio);
    ctx.fillRect(Math.max(bbox.left, (low + high) / 2 - width / 2), bbox.top, width, bbox.height);
    ctx.strokeStyle = colour("--drift");
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath(); ctx.moveTo(first, bbox.top); ctx.lineTo(first, bbox.top + bbox.height); ctx.stroke();
    ctx.restore();
  };
  const marks = (u, chart) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("--muted");
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    days(chart).forEach(([day, places]) => {
      const x = u.valToPos(day * DAY, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
      ctx.fillText(places.join(","), x, bbox.top - 4 * devicePixelRatio);
    });
    ctx.restore();
  };
  const days = (chart) => {
    const found = new Map();
    chart.marks.forEach(([day], i) => found.set(day, [...(found.get(day) || []), i + 1]));
    return [...found];
  };
  const dots = (u, chart) => {
    const { ctx } = u;
    ctx.save();
    ctx.fillStyle = colour("--drift");
    chart.alarms.forEach((i) => {
      if (chart.y[i] === null) return;
      ctx.beginPath();
      ctx.arc(u.valToPos(chart.x[i] * DAY, "x", true), u.valToPos(chart.y[i], "y", true), 4.5 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    });
    ctx.restore();
  };

  const open = new Map();
  const draw = (figure, chart) => {
    open.get(figure)?.destroy();
    const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
    plot.replaceChildren();
    plot.classList.remove("idle");
    const drawn = kinds[chart.kind](chart);
    const places = drawn.places || chart.x.length;
    const say = (i) => {
      readout.textContent = drawn.say(i);
      plot.setAttribute("aria-valuenow", i);
      plot.setAttribute("aria-valuetext", drawn.say(i));
    };
    const sides = axes(drawn.unit, drawn.time);
    if (drawn.yUnit) sides[1].values = (self, values) => values.map((value) => number(value, drawn.yUnit));
    if (drawn.log) {
      sides[0].splits = (self, axis, low, high) => decades(low, high);
      sides[0].values = (self, values) => values.map((value) => number(10 ** value, ""));
    }
    const u = new uPlot({
      width: plot.clientWidth, height: 260, series: drawn.series, bands: drawn.bands, legend: { show: false },
      padding: [16, 12, 0, 0], axes: sides,
      tzDate: (x) => uPlot.tzDate(new Date(x * 1000), "Etc/UTC"),
      scales: { x: { time: drawn.time }, y: { range: (self, low, high) => span(low, high, drawn) } },
      cursor: { y: false, drag: { x: drawn.time, y: false } },
      hooks: {
        drawClear: [(self) => drawn.before && drawn.before(self)],
        draw: [(self) => drawn.after && drawn.after(self)],
        setCursor: [(self) => self.cursor.idx !== null && self.cursor.idx !== undefined && say(Math.min(self.cursor.idx, places - 1))],
      },
    }, drawn.data, plot);
    open.set(figure, u);
    plot.setAttribute("role", "slider");
    plot.setAttribute("tabindex", "0");
    plot.setAttribute("aria-valuemin", "0");
    plot.setAttribute("aria-valuemax", places - 1);
    say(places - 1);
    plot.onkeydown = (event) => {
      const now = Number(plot.getAttribute("aria-valuenow"));
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageDown: now - 7, PageUp: now + 7, Home: 0, End: places - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const i = Math.max(0, Math.min(places - 1, to));
      u.setCursor({ left: u.valToPos(drawn.data[0][i], "x"), top: 10 });
      say(i);
    };
    list(figure, chart);
    table(figure, drawn, places);
  };
  const span = (low, high, drawn) => {
    if (low === null || low === undefined) return [0, 1];
    if (drawn.yUnit) return [0, high * 1.05 || 1];
    const room = (high - low || Math.abs(high) || 1) * 0.08;
    return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
  };
  const list = (figure, chart) => {
    const place = figure.querySelector(".marks");
    if (!place) return;
    place.replaceChildren(...(chart.marks || []).map(([day, text]) => make("li", "", `${when(day)}: ${text}`)));
  };
  const table = (figure, drawn, places) => {
    const place = figure.querySelector("details .scroll");
    const fill = () => {
      const all = make("table"), head = make("thead"), body = make("tbody"), top = make("tr");
      drawn.head.forEach((text) => { const th = make("th", "", text); th.scope = "col"; top.append(th); });
      head.append(top);
      for (let i = places - 1; i >= 0; i--) {
        const tr = make("tr");
        drawn.row(i).forEach((text) => tr.append(make("td", "", text)));
        body.append(tr);
      }
      all.append(head, body);
      place.replaceChildren(all);
    };
    figure.querySelector("details").ontoggle = fill;
    if (figure.querySelector("details").open) fill();
  };

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  const drawAll = () => figures.forEach((figure) => draw(figure, charts[figure.dataset.chart]));
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new ResizeObserver(() => open.forEach((u, figure) => {
    const width = figure.querySelector(".plot").clientWidth;
    if (width && width !== u.width) u.setSize({ width, height: 260 });
  })).observe(document.body);

  // the segment of a metric's page; its number is in the address, so that a link goes to it
  const choice = document.getElementById("segment");
  if (choice) {
    const show = () => {
      document.querySelectorAll("[data-segment]").forEach((part) => { part.hidden = part.dataset.segment !== choice.value; });
      document.querySelectorAll(`[data-segment="${choice.value}"] figure[data-chart]`)
        .forEach((figure) => draw(figure, charts[figure.dataset.chart]));
    };
    choice.onchange = () => { history.replaceState(null, "", "#" + choice.value); show(); };
    const asked = decodeURIComponent(location.hash.slice(1));
    if ([...choice.options].some((option) => option.value === asked)) choice.value = asked;
    show();
  }
})();
