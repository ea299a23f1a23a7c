/**
 * How documents look: calm, in the colours of the page (a test holds them together), light on paper whatever the screen is.
 * Its fonts are those of the system, because a document brings nothing along and fetches nothing.
 */
const light = `
  --ground: oklch(0.983 0.002 255);
  --surface: oklch(1 0 0);
  --line: oklch(0.915 0.004 255);
  --line-strong: oklch(0.84 0.006 255);
  --text: oklch(0.225 0.012 260);
  --muted: oklch(0.455 0.013 258);
  --faint: oklch(0.535 0.012 258);
  --accent: oklch(0.525 0.185 258);
  --good: oklch(0.5 0.125 152);
  --bad: oklch(0.53 0.195 26);
  --bad-soft: oklch(0.965 0.018 20);
  --warn: oklch(0.52 0.115 68);
  --series-1: oklch(0.53 0.175 258);
  --series-2: oklch(0.66 0.16 50);
  --series-3: oklch(0.48 0.105 165);
  --series-4: oklch(0.65 0.185 350);
  --series-5: oklch(0.44 0.17 300);
  --series-6: oklch(0.65 0.115 225);
  --series-7: oklch(0.46 0.13 30);
  --series-8: oklch(0.63 0.12 110);`

const dark = `
  --ground: oklch(0.162 0.006 262);
  --surface: oklch(0.196 0.007 262);
  --line: oklch(0.272 0.009 262);
  --line-strong: oklch(0.37 0.011 262);
  --text: oklch(0.935 0.004 258);
  --muted: oklch(0.735 0.011 258);
  --faint: oklch(0.64 0.012 258);
  --accent: oklch(0.72 0.135 255);
  --good: oklch(0.76 0.13 155);
  --bad: oklch(0.73 0.145 22);
  --bad-soft: oklch(0.265 0.045 22);
  --warn: oklch(0.8 0.115 78);
  --series-1: oklch(0.7 0.145 255);
  --series-2: oklch(0.81 0.13 65);
  --series-3: oklch(0.66 0.115 165);
  --series-4: oklch(0.78 0.13 350);
  --series-5: oklch(0.64 0.16 300);
  --series-6: oklch(0.82 0.09 220);
  --series-7: oklch(0.66 0.14 30);
  --series-8: oklch(0.84 0.12 112);`

const hues = [1, 2, 3, 4, 5, 6, 7, 8]
  .map(
    (hue) =>
      `.line.s${hue}, .dots.s${hue} { stroke: var(--series-${hue}); } .band.s${hue} { fill: var(--series-${hue}); } .chart text.end.s${hue} { fill: var(--series-${hue}); }`,
  )
  .join('\n')

export const documentStyle = `
:root { color-scheme: light;${light} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark;${dark} } }
* { box-sizing: border-box; }
html { background: var(--ground); scroll-padding-top: 16px; }
body { margin: 0; color: var(--text); font: 13px/1.5 'Geist', system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
h2 { margin: 0 0 12px; font-size: 16px; line-height: 1.4; font-weight: 600; }
h3 { margin: 18px 0 6px; font-size: 13px; font-weight: 600; }
h4 { margin: 12px 0 4px; font-size: 13px; font-weight: 600; }
p { margin: 0 0 8px; }
p, li { max-width: 80ch; }
a { color: var(--accent); text-underline-offset: 2px; }
a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.muted { color: var(--muted); } .faint { color: var(--faint); } .small { font-size: 12px; }
.bad { color: var(--bad); } .good { color: var(--good); } .accent { color: var(--accent); } .warn { color: var(--warn); }
code, pre { font-family: 'Geist Mono', ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12px; }
pre { margin: 0; white-space: pre-wrap; }
.over { display: flex; justify-content: space-between; gap: 16px; margin-bottom: 20px; padding-bottom: 10px; border-bottom: 1px solid var(--line); color: var(--faint); font-size: 12px; }
.facts { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 8px 0 0; padding: 0; list-style: none; color: var(--muted); }
.facts.first { color: var(--text); }
.tags { display: flex; flex-wrap: wrap; gap: 6px; margin: 10px 0 0; padding: 0; list-style: none; }
.tags li { padding: 1px 8px; border: 1px solid var(--line); border-radius: 6px; color: var(--muted); font-size: 12px; }
.state { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; font-weight: 500; }
.state svg { flex: none; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.contents { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 20px; font-size: 12px; }
.contents a { display: inline-flex; align-items: center; min-height: 28px; text-decoration: none; }
.contents a:hover { text-decoration: underline; }
section { margin-top: 32px; }
.cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 1px; margin: 24px 0 0; overflow: hidden; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.cells > div { min-width: 0; padding: 8px 12px; box-shadow: 0 0 0 1px var(--line); }
.cells dt, .cells .note { margin: 0; color: var(--muted); font-size: 12px; }
.cells dd { margin: 0; font-size: 16px; font-weight: 500; line-height: 1.4; }
.cells .note { color: var(--faint); font-weight: 400; }
section > .cells { margin-top: 0; }
.below { margin-top: 12px; }
.box { padding: 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.box.fails { border-color: color-mix(in oklch, var(--bad) 35%, var(--line)); background: var(--bad-soft); }
.box + .box, .box + .scroll, .scroll + .box { margin-top: 12px; }
.box > :last-child { margin-bottom: 0; }
.box h3 { margin-top: 0; }
.message { font-size: 14px; font-weight: 500; white-space: pre-wrap; }
ul.plain { margin: 0; padding-left: 18px; }
.log { margin-top: 12px; padding: 10px 12px; overflow: hidden; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.log span { display: grid; grid-template-columns: 5ch 1fr; gap: 12px; }
.log i { color: var(--faint); font-style: normal; text-align: right; }
.log .tells { font-weight: 600; color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 12px; }
.chart { min-width: 0; margin: 0; padding: 10px 12px 30px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.chart figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; min-height: 40px; }
.chart figcaption b { font-weight: 500; }
.legend { display: flex; flex-wrap: wrap; gap: 0 12px; margin-left: auto; color: var(--muted); font-size: 12px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; min-width: 0; }
.legend.over-charts { max-width: none; margin: 0 0 4px; gap: 2px 16px; }
.plot { height: 168px; }
.plot svg { display: block; overflow: visible; }
.plot > svg > svg { overflow: hidden; }
.chart text { fill: var(--faint); font-size: 11px; }
.chart text.end { font-weight: 500; }
.grid { stroke: var(--line); }
.line { fill: none; stroke-width: 1.4; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.dots { fill: none; stroke-width: 5; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.band { opacity: 0.14; }
.nan { stroke: var(--bad); stroke-width: 5; }
.swatch { flex: none; }
${hues}
.bar { display: flex; gap: 1px; height: 10px; overflow: hidden; border-radius: 3px; }
.bar i { flex: none; min-width: 1px; }
.part { display: inline-block; width: 10px; height: 10px; border-radius: 2px; }
.p0 { background: color-mix(in oklch, var(--muted) 72%, var(--surface)); } .p1 { background: color-mix(in oklch, var(--muted) 42%, var(--surface)); }
.pa { background: var(--accent); } .pf { background: var(--bad); } .ph { background: var(--line); }
.parts { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 8px 0 0; padding: 0; list-style: none; }
.parts li { display: inline-flex; align-items: center; gap: 6px; }
.attempt + .attempt { margin-top: 14px; }
.attempt > p { margin-bottom: 6px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 5px 12px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--muted); font-size: 12px; font-weight: 400; vertical-align: bottom; }
tbody th { font-weight: 400; min-width: 14ch; }
td:not(.number), thead th:not(.number) { min-width: calc(11ch + 24px); }
.number { text-align: right; white-space: nowrap; }
td.number { overflow-wrap: normal; }
.stands-out { font-weight: 600; color: var(--accent); }
.values { columns: 2 380px; column-gap: 32px; margin: 0; }
.values.narrow { columns: 3 240px; }
.values div { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 12px; padding: 3px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.values dt { color: var(--muted); } .values dd { margin: 0; white-space: pre-wrap; }
.more { margin: 8px 0 0; color: var(--faint); font-size: 12px; }
.prose > :first-child { margin-top: 0; } .prose > :last-child { margin-bottom: 0; }
.prose pre, .words { padding: 8px 10px; border: 1px solid var(--line); border-radius: 6px; }
.prose table { width: auto; margin: 0 0 8px; } .prose blockquote { margin: 0 0 8px; padding-left: 12px; border-left: 2px solid var(--line-strong); color: var(--muted); }
.prose ul, .prose ol { margin: 0 0 8px; padding-left: 20px; }
.name { display: inline-flex; align-items: flex-start; gap: 8px; } .name .swatch { margin-top: 0.45em; }
footer { margin-top: 40px; padding-top: 10px; border-top: 1px solid var(--line); color: var(--faint); font-size: 12px; }
@media (max-width: 640px) {
  main { padding: 16px 16px 32px; } h1 { font-size: 20px; }
  .over { flex-direction: column; gap: 0; } .cells { grid-template-columns: 1fr 1fr; }
  .contents { gap: 0 20px; } .contents a { min-height: 44px; } .legend { margin-left: 0; width: 100%; }
}
@media print {
  @page { margin: 14mm 12mm; }
  html { background: none; } body { font-size: 10.5px; } main { max-width: none; padding: 0; }
  h1 { font-size: 20px; } h2 { font-size: 13px; } h3 { font-size: 11px; }
  h2, h3, h4 { break-after: avoid; }
  footer { margin-top: 16px; break-before: avoid; }
  section { margin-top: 22px; }
  .contents { display: none; }
  .chart, .box, .cells, .attempt, tr, figure { break-inside: avoid; }
  .box.long { break-inside: auto; }
  thead { display: table-header-group; }
  .charts { grid-template-columns: 1fr 1fr; gap: 8px; } .plot { height: 120px; }
  .scroll { overflow: visible; } th, td, td:not(.number), thead th:not(.number) { padding: 3px 6px; min-width: 0; }
  code, pre, .cells dt, .cells .note, thead th, .legend, .more, .small, .tags li, footer, .over { font-size: 9.5px; } .message { font-size: 12px; } .cells dd { font-size: 12px; }
  .chart text { font-size: 9px; } .cells { grid-template-columns: repeat(6, 1fr); } .cells > div { padding: 6px 8px; }
  .values { columns: 2; column-gap: 20px; } .values.narrow { columns: 3; }
  a { color: inherit; text-decoration: none; } .prose a::after { content: ' (' attr(href) ')'; color: var(--faint); }
}
`
