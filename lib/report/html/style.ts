/** The page's style sheet: light and dark, from a phone to paper; no font and no image from anywhere. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --raised: #ffffff; --sunk: #f3f3ef; --ink: #1b1e22; --quiet: #5b626b; --line: #e2e2dc;
  --link: #0a549c; --fail: #b3211b; --warn: #865600; --pass: #1a6a3a; --observed: #1b5f9c;
  --inconclusive: #6a4a9e; --none: #5b626b; --fail-wash: #fdf1ef; --warn-wash: #fbf5e6; --pass-wash: #eef7f0;
  --marked: #fdf0c4;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #131518; --raised: #1a1d21; --sunk: #202429; --ink: #e7e7e3; --quiet: #a2a9b1; --line: #31363d;
    --link: #86bdf7; --fail: #ff9088; --warn: #eab64e; --pass: #73cf98; --observed: #82bbf2;
    --inconclusive: #c5aef0; --none: #a2a9b1; --fail-wash: #2b1b1b; --warn-wash: #2a2415; --pass-wash: #16261c;
    --marked: #43370e;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .875em; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.2; margin: 0; font-weight: 650; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1.6rem; letter-spacing: -.015em; margin-bottom: .75rem; }
h3 { font-size: 1.125rem; }
.part > h3 { margin-top: 2.25rem; }
h4 { font-size: 1.125rem; }
.quiet, .count, .of { color: var(--quiet); }
.count { font-weight: 400; }
.quiet { font-size: .9rem; }
.key { color: var(--quiet); font-size: .8125rem; font-weight: 600; margin: .75rem 0 .25rem; }

.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 2; background: var(--raised); padding: .25rem .5rem; }
.top { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); }
.top div, main { max-width: 70rem; margin: 0 auto; padding: 0 1.5rem; }
.top div { display: flex; gap: 1.5rem; align-items: baseline; min-height: 3rem; padding-block: .6rem; overflow-x: auto; }
.top strong { letter-spacing: -.01em; }
.top nav { display: flex; gap: 1.25rem; white-space: nowrap; font-size: .9375rem; }
.top nav a { color: var(--ink); text-decoration: none; }
.top nav a:hover { text-decoration: underline; }
main { padding-bottom: 6rem; }
.part { margin-top: 4.5rem; }

.glance { margin-top: 3rem; }
.glance h1 { font-size: clamp(2.1rem, 6vw, 3.5rem); letter-spacing: -.03em; margin: .35rem 0 .75rem; display: flex; gap: .3em; align-items: center; }
.sign { flex: none; display: inline-grid; place-items: center; width: 1.15em; height: 1.15em; border-radius: 50%; font-size: .8em; color: var(--paper); }
.good .sign { background: var(--pass); } .bad .sign { background: var(--fail); } .unsure .sign { background: var(--inconclusive); }
.where { color: var(--quiet); } .where strong { color: var(--ink); }
.grounds { list-style: none; margin: 0 0 1.75rem; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: 1.125rem; }
.partial, .invalid { background: var(--warn-wash); border: 1px solid var(--warn); border-radius: 6px; padding: .6rem 1rem; }
.invalid p, .invalid ul { margin: .25rem 0; }
.figures { display: flex; flex-wrap: wrap; gap: 1.75rem 3rem; margin: 1.75rem 0; }
.figure { flex: 1 1 9rem; }
.figure.wide { flex: 4 1 26rem; }
.figure p { margin: 0; }
.number { font-size: 1.75rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.2; font-variant-numeric: tabular-nums; }
.number .of { font-weight: 400; }
.label { color: var(--quiet); font-size: .9rem; }
.bar { display: block; width: 100%; height: .625rem; margin: .6rem 0; border-radius: 3px; overflow: hidden; }
.legend { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .9rem; }
rect.fail { fill: var(--fail); } rect.warn { fill: var(--warn); } rect.pass { fill: var(--pass); }
rect.observed { fill: var(--observed); } rect.inconclusive { fill: var(--inconclusive); } rect.not-applicable { fill: var(--line); }

.status { white-space: nowrap; font-weight: 600; font-size: .875rem; color: var(--none); }
.status.fail { color: var(--fail); } .status.warn { color: var(--warn); } .status.pass { color: var(--pass); }
.status.observed { color: var(--observed); } .status.inconclusive { color: var(--inconclusive); }
.severity { font-size: .875rem; color: var(--quiet); }

.group { margin-top: 2.5rem; }
.group > .quiet { margin-top: .2rem; }
.finding { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem 1.5rem 1.5rem; margin-top: 1rem; }
.tags { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin: .35rem 0 .9rem; }
.mismatch { padding: .6rem .9rem; border-radius: 6px; margin: .5rem 0; background: var(--fail-wash); }
.warn > .mismatch { background: var(--warn-wash); }
.mismatch p { margin: 0; } .mismatch .detail { margin-top: .2rem; }
.facts { display: grid; grid-template-columns: 7.5rem 1fr; gap: .35rem 1rem; margin: 1rem 0; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; max-width: 68ch; }
.facts dd p { margin: 0 0 .25rem; }

.index { list-style: none; margin: 0 0 1.5rem; padding: 0; }
.index a { overflow-wrap: anywhere; }
.index li { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr) minmax(0, 1fr); gap: 0 1rem; align-items: baseline; border-top: 1px solid var(--line); padding: .4rem 0; }
.evidence { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: .6rem; }
.evidence > summary { color: var(--quiet); font-size: .9rem; }
.exchange { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem; padding-bottom: 1rem; }
.exchange + .exchange { border-top: 1px solid var(--line); padding-top: .25rem; }
.exchange > section { min-width: 0; } .exchange > .made { grid-column: 1 / -1; }
pre { margin: 0; padding: .7rem .85rem; background: var(--sunk); border-radius: 6px; font-size: .8125rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
.long { word-break: break-all; }
pre .name { color: var(--quiet); } pre i { color: var(--quiet); }
.made { margin: .9rem 0 0; font-size: .9375rem; } .made .key { margin-right: .35rem; }
.line { display: block; }
mark { display: block; background: var(--marked); color: inherit; border-radius: 3px; margin-inline: -.3rem; padding-inline: .3rem; }
.gone .line { text-decoration: line-through; } .how { float: right; padding-left: 1rem; color: var(--quiet); font-style: italic; }

.unlocks { list-style: none; margin: 0; padding: 0; }
.unlocks li { display: grid; grid-template-columns: 3rem minmax(0, 1fr) minmax(0, 1.6fr); gap: 0 1rem; align-items: baseline; border-top: 1px solid var(--line); padding: .5rem 0; }
.unlocks .number { font-size: 1.25rem; }
.unlocks p { margin: 0; } .unlocks summary { color: var(--quiet); font-size: .9rem; }

summary { cursor: pointer; }
.topic { border-top: 1px solid var(--line); }
.topic:last-child { border-bottom: 1px solid var(--line); }
.topic > summary, .case > summary { display: flex; flex-wrap: wrap; gap: .15rem 1rem; align-items: baseline; padding: .7rem 0; list-style: none; }
summary::-webkit-details-marker { display: none; }
.topic > summary::before, .case > summary::before { content: "▸"; color: var(--quiet); width: .9rem; flex: none; margin-right: -.5rem; }
details[open]:is(.topic, .case) > summary::before { content: "▾"; }
.topic > summary h3 { font-size: 1.0625rem; }
.tally { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 .9rem; }
.case { margin-left: 1.25rem; border-top: 1px solid var(--line); }
.case > summary { display: grid; grid-template-columns: .9rem 8.5rem 1fr auto 4.5rem; padding: .45rem 0; }
.case > summary .title { overflow-wrap: anywhere; } .case > summary code { color: var(--quiet); }
.case .body { padding: 0 0 1.25rem 1.4rem; }
.topic > summary:hover, .case > summary:hover { background: var(--sunk); }

form { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; margin: 1rem 0; font-size: .9375rem; }
form[hidden] { display: none; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem .9rem; flex-basis: 100%; }
legend { float: left; color: var(--quiet); padding: 0; margin-right: 1rem; }
label:not(.toggle) { color: var(--quiet); display: grid; gap: .15rem; font-size: .8125rem; }
.search { flex: 1 1 14rem; }
input[type=search], select, button { font: inherit; font-size: .9375rem; color: var(--ink); background: var(--raised); border: 1px solid var(--quiet); border-radius: 5px; padding: .35rem .6rem; min-height: 2.4rem; }
button { cursor: pointer; } input[type=checkbox] { accent-color: var(--link); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
thead th { color: var(--quiet); font-weight: 500; font-size: .8125rem; vertical-align: bottom; }
tbody th { font-weight: 500; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; } .numbers td { white-space: nowrap; }
.numbers :is(td, th) { padding-right: .6rem; } .numbers tbody th code { white-space: nowrap; }
.numbers :is(td, th):last-child { padding-right: 0; }
.variants :is(th, th code) { white-space: nowrap; overflow-wrap: normal; } .variants td:last-child { width: 100%; min-width: 12rem; overflow-wrap: anywhere; }
.sum > * { border-bottom: 0; font-weight: 600; }
.strip { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0; }
.strip dt { color: var(--quiet); font-size: .8125rem; } .strip dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: minmax(0, 24.5rem) minmax(0, 1fr); gap: 1.5rem 2rem; align-items: center; margin: 1.25rem 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); gap: 1rem 2rem; margin: 1rem 0; }
.chart { margin: 0; } .chart > svg { display: block; width: 100%; height: auto; }
figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .875rem; }
.series svg { width: 1.9rem; height: .65rem; vertical-align: baseline; }
svg text { fill: var(--quiet); font: 11.5px system-ui, sans-serif; }
.grid { stroke: var(--line); } .zero { stroke: var(--ink); stroke-width: 1.2; }
svg g { fill: none; stroke: currentColor; stroke-width: 1.8; }
svg g circle, svg g rect, svg g .mark { fill: currentColor; stroke: none; }
.series-0 { color: var(--ink); } .series-1 { color: var(--observed); } .series-2 { color: var(--warn); } .series-3 { color: var(--inconclusive); }
.series-1 path, .series-1 line { stroke-dasharray: 7 3; } .series-2 path, .series-2 line { stroke-dasharray: 2 3; } .series-3 path:not(.mark), .series-3 line { stroke-dasharray: 9 3 2 3; }
.interval { stroke: var(--observed); stroke-width: 1.8; } .told { fill: var(--observed); }
.untold { fill: var(--paper); stroke: var(--observed); stroke-width: 1.8; }

@media screen and (max-width: 52rem) {
  .top div, main { padding-inline: 1rem; }
  .part { margin-top: 3.25rem; } .glance { margin-top: 1.75rem; }
  .exchange, .pair { grid-template-columns: minmax(0, 1fr); }
  .finding { padding: 1rem; } .index li { grid-template-columns: 4.5rem minmax(0, 1fr); } .index .quiet { grid-column: 2; }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin-bottom: .6rem; }
  .tally { margin-left: 1.4rem; flex-basis: 100%; }
  .case { margin-left: .25rem; }
  .case > summary { grid-template-columns: .9rem 1fr auto; }
  .case > summary .title { grid-column: 2 / -1; grid-row: 2; }
  .case > summary code { grid-column: 2; grid-row: 3; } .case > summary .severity { grid-row: 1; grid-column: 3; }
  .case .body { padding-left: 0; }
  .unlocks li { grid-template-columns: 2.25rem minmax(0, 1fr); } .unlocks li > p { grid-column: 2; }
}
@media print {
  :root { --paper: #fff; --raised: #fff; --sunk: #f5f5f2; }
  body { font-size: 10pt; }
  .top, form, .skip { display: none; }
  main { max-width: none; padding: 0; }
  .part { margin-top: 2rem; } h2, h3, h4, summary { break-after: avoid; } .mismatch, tr, .figure { break-inside: avoid; }
  details:is(.topic, .evidence)::details-content { content-visibility: visible; block-size: auto; }
  .finding { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding-inline: 0; }
  a { color: inherit; }
}
`
