"""The page's style: light and dark, on a wide and a narrow screen, and on paper."""

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #fff; --ink: #1c2530; --soft: #55606d; --rule: #dde2e8; --grid: #e6eaef;
  --mark: #1f6f8b; --second: #b3541e; --exact: #97a3b0;
  --succeeded: #d5efdf; --succeeded-line: #23744a; --failed: #fbdcd5; --failed-line: #b3321c;
  --caught: #fde9c8; --caught-line: #93600a; --running: #d8e9fb; --running-line: #1f62a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12171d; --card: #1a2129; --ink: #e5eaf0; --soft: #a0acb9; --rule: #2f3944;
    --grid: #29323c; --mark: #6cc0da; --second: #f0a878; --exact: #74808d;
    --succeeded: #173a29; --succeeded-line: #6fcf9c; --failed: #4a1d15; --failed-line: #f28b78;
    --caught: #42300f; --caught-line: #e5b562; --running: #17324f; --running-line: #7db7f0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 2.25rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .25rem 0 .6rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
h4 { font-size: .9rem; margin: .9rem 0 .25rem; color: var(--soft); }
p { margin: 0 0 .75rem; max-width: 48rem; }
a { color: var(--mark); }
nav ul {
  display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; padding: 0; margin: 0;
}
.soft { color: var(--soft); font-size: .9rem; }
code { font-size: .92em; background: var(--card); border: 1px solid var(--rule);
  border-radius: .3rem; padding: .05rem .3rem; }
.badge {
  display: inline-block; padding: .1rem .7rem; border-radius: 1rem; font-weight: 650;
  border: 1.5px solid currentColor;
}
section {
  background: var(--card); border: 1px solid var(--rule); border-radius: .75rem;
  padding: 1.3rem 1.4rem; margin-top: 1.25rem;
}
section > :last-child { margin-bottom: 0; }
dl { margin: 0 0 .75rem; }
dl div { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .2rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
.wide { min-width: 44rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .4rem; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; border-top: 1px solid var(--rule); }
th, td { vertical-align: top; overflow-wrap: normal; }
table.figures td, table.figures thead th:not(:first-child) { text-align: right; }
table.figures td { white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .9rem; }
tbody th { font-weight: 600; }
table.long td { overflow-wrap: anywhere; }
meter { width: 9rem; vertical-align: middle; }
.plots {
  display: grid; gap: 1.75rem 2.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
}
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
figcaption span { display: block; font-weight: 400; font-size: .85rem; color: var(--soft); }
svg { display: block; height: auto; max-width: max(100%, 900px); }
svg:not([width]) { width: 100%; max-width: none; }
svg text { font-size: 12.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .name { font-size: 13px; font-weight: 600; fill: var(--ink); }
svg .told { font-size: 11.5px; fill: var(--ink); }
svg .label { font-size: 11.5px; paint-order: stroke; stroke: var(--card); stroke-width: 7px; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--soft); }
svg .exact { stroke: var(--exact); stroke-width: 1.5; }
svg .dots { fill: var(--mark); fill-opacity: .55; }
svg .bar { fill: var(--mark); }
svg .curve { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
svg .c1 { stroke: var(--second); stroke-dasharray: 6 3; }
svg text.key0 { fill: var(--mark); font-weight: 600; }
svg text.key1 { fill: var(--second); font-weight: 600; }
svg .way { fill: none; stroke: var(--exact); stroke-width: 1.3; marker-end: url(#arrow); }
svg .way.catch { stroke-dasharray: 5 4; }
svg .way.gone { stroke: var(--ink); stroke-width: 2.2; }
svg marker path { fill: var(--ink); }
svg .box { fill: var(--card); stroke: var(--exact); stroke-width: 1.5; rx: 7px; }
svg .not-reached { stroke-dasharray: 4 4; }
svg .job { fill: var(--mark); stroke: none; rx: 3px; }
svg a:focus-visible .box, svg a:hover .box { stroke-width: 4; }
.succeeded { fill: var(--succeeded) !important; stroke: var(--succeeded-line) !important; }
.failed, .timed-out, .stopped {
  fill: var(--failed) !important; stroke: var(--failed-line) !important;
}
.caught { fill: var(--caught) !important; stroke: var(--caught-line) !important; }
.running { fill: var(--running) !important; stroke: var(--running-line) !important; }
.is-succeeded { color: var(--succeeded-line); }
.is-failed, .is-timed-out, .is-stopped { color: var(--failed-line); }
.is-caught { color: var(--caught-line); }
.is-running { color: var(--running-line); }
details { border-top: 1px solid var(--rule); padding: .45rem 0; }
summary { cursor: pointer; font-weight: 600; }
summary span { font-weight: 400; }
pre {
  overflow: auto; max-height: 26rem; margin: .25rem 0 .75rem; padding: .7rem .85rem;
  font-size: .82rem; line-height: 1.5; background: var(--paper); border-radius: .5rem;
}
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
:target { scroll-margin-top: 3.5rem; }
@media (max-width: 36rem) {
  main { padding: 1.25rem .85rem 3rem; }
  section { padding: 1rem .9rem; }
  dl div { grid-template-columns: 1fr; gap: 0; margin-bottom: .5rem; }
  caption { max-width: calc(100vw - 4rem); }
  .graph svg { zoom: .56; }
}
@media print {
  body { background: none; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { border: 0; padding: .5rem 0; }
  figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  .wide { min-width: 0 !important; }
  svg[width] { max-width: 100%; }
  details::details-content { content-visibility: visible; block-size: auto; }
  pre { max-height: none; white-space: pre-wrap; }
}
"""
