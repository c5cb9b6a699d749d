/* Charts drawn from the table that stands beside them: what is drawn can always be read. Colours come from the tokens. */
(() => {
  const token = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const number = text => Number(text.replace(/[,，\s]/g, ""));

  const read = table => {
    const cells = [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()));
    const [head, ...rows] = cells;
    return {
      names: rows.map(row => row[0]),
      series: head.slice(1).map((name, i) => ({ name, values: rows.map(row => number(row[i + 1])) })),
    };
  };

  const option = (kind, { names, series }) => ({
    color: ["c1", "c2", "c3", "c4", "c5", "c6"].map(token),
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350,
    textStyle: { fontFamily: token("font"), fontSize: 12, color: token("text-2") },
    grid: { left: 4, right: 8, top: series.length > 1 ? 30 : 12, bottom: 4, containLabel: true },
    legend: series.length > 1 ? { top: 0, right: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: token("text-2") } } : undefined,
    // richText: the policy allows no style attributes, of which HTML tooltips are made
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("text"), fontSize: 12 },
    },
    xAxis: {
      type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: token("line-2") } },
      axisLabel: { color: token("text-3"), fontSize: 11, hideOverlap: true },
    },
    yAxis: { type: "value", splitNumber: 3, splitLine: { lineStyle: { color: token("line") } }, axisLabel: { color: token("text-3"), fontSize: 11 } },
    series: series.map(({ name, values }) => ({
      name, type: kind, data: values, smooth: false, symbolSize: 6, barWidth: series.length > 1 ? undefined : "52%",
      itemStyle: { borderRadius: kind === "bar" ? [2, 2, 0, 0] : 0 },
    })),
  });

  const figures = [...document.querySelectorAll("figure[data-chart]")].map(figure => {
    const canvas = figure.querySelector(".canvas"), table = figure.querySelector("table");
    figure.classList.add("drawn"); // gives the canvas its height
    const chart = echarts.init(canvas);
    return { kind: figure.dataset.chart, chart, data: read(table) };
  });
  const draw = () => figures.forEach(({ kind, chart, data }) => chart.setOption(option(kind, data), true));
  draw();
  document.addEventListener("themechange", draw);
  addEventListener("resize", () => figures.forEach(({ chart }) => chart.resize()));
})();
