"""The pages' style sheet. It stands in the page, so that one request shows all of it."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #f6f5f2; --card: #fff; --ink: #1d2127; --soft: #59616b; --rule: #dfddd7;
  --grid: #e9e7e2; --mark: #2563a8; --exact: #b4451f; --good: #1c6b43; --bad: #a8321f;
  --on-good: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e7e9ec; --soft: #a3abb5; --rule: #343a43;
    --grid: #2a2f37; --mark: #7db3ee; --exact: #f0986d; --good: #6fcf9c; --bad: #f28b78;
    --on-good: #10241a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: break-word;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; margin: .2rem 0 .6rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .75rem; }
p { margin: 0 0 .75rem; max-width: 46rem; }
a { color: var(--mark); }
.over { color: var(--soft); font-size: .9rem; margin: 0; }
.lead { font-size: 1.1rem; color: var(--soft); }
.soft { color: var(--soft); font-size: .9rem; }
section {
  background: var(--card); border: 1px solid var(--rule); border-radius: .75rem;
  padding: 1.35rem 1.5rem; margin-top: 1.25rem;
}
section > :last-child { margin-bottom: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.5rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .5rem; }
th, td { padding: .5rem .75rem; text-align: right; border-top: 1px solid var(--rule); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .9rem; }
tbody th { font-weight: 600; }
tbody th span, td span { display: block; color: var(--soft); font-weight: 400; font-size: .82rem; }
td { white-space: nowrap; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.after { margin-top: 1rem; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--soft); }
.wide { overflow-x: auto; }
.wide th { min-width: 5rem; }
pre { overflow-x: auto; margin: .5rem 0 0; font-size: .85rem; line-height: 1.5; }
.plots {
  display: grid; gap: 2rem 2.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
}
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
figcaption span { display: block; font-weight: 400; font-size: .85rem; color: var(--soft); }
svg { display: block; width: 100%; height: auto; margin-top: .5rem; }
svg text { font-size: 12.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--soft); }
svg .exact { stroke: var(--exact); stroke-width: 1.5; }
svg .dots { fill: var(--mark); fill-opacity: .55; }
svg .bar { fill: var(--mark); }
svg .curve { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
label { display: block; font-weight: 600; }
textarea {
  display: block; width: 100%; min-height: 5.5rem; margin: .25rem 0 1rem; padding: .6rem .75rem;
  font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--soft); border-radius: .5rem; resize: vertical;
}
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
button {
  font: inherit; font-weight: 600; padding: .65rem 1.6rem; min-height: 2.75rem; cursor: pointer;
  border: 2px solid var(--good); border-radius: .5rem; background: var(--good);
  color: var(--on-good);
}
button.reject { background: none; border-color: var(--bad); color: var(--bad); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
.features th { font-weight: 400; min-width: 9rem; overflow-wrap: anywhere; }
.features td:last-child { width: 40%; }
meter { width: 100%; min-width: 2rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 34rem) {
  .cards, .cards tbody, .cards tr, .cards tbody th, .cards td { display: block; }
  .cards caption { display: block; }
  .cards thead {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .cards tr { border-top: 1px solid var(--rule); padding: .5rem 0; }
  .cards tbody th, .cards td { border: 0; padding: .15rem 0; }
  .cards td { display: grid; grid-template-columns: 7rem 1fr; text-align: left; }
  .cards td::before { content: attr(data-head); color: var(--soft); }
  .cards td span, .cards td b { grid-column: 2; }
  main { padding: 1.5rem 1rem 3rem; }
  section { padding: 1.1rem 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; }
  th, td { padding: .45rem .4rem; }
  button { flex: 1; }
}
"""
# https://www.w3.org/TR/CSP3/#match-element-to-source-list
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
