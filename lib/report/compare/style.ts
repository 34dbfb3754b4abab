import { style } from '../html/style.ts'

/** The style of a report, and that of a matrix: as wide as it must be, in a frame that scrolls by itself. */
export const compareStyle = `${style}
.top div, main { max-width: 100rem; }
main > .glance :is(td, th) { white-space: nowrap; }
.matrix { font-size: .875rem; }
.matrix :is(th, td) { vertical-align: top; padding: .4rem .9rem .3rem 0; }
.matrix thead th { overflow-wrap: anywhere; min-width: 7.5rem; }
.matrix thead th:first-child { min-width: 16rem; width: 32%; }
.matrix tbody th { overflow-wrap: anywhere; } .matrix tbody th code { display: block; color: var(--quiet); }
.matrix .rowgroup th { padding-top: 1.4rem; font-size: 1rem; font-weight: 650; }
.matrix .case-row > * { border-bottom: 0; } .matrix .more > td { padding-top: 0; }
.matrix .more summary { color: var(--quiet); font-size: .8125rem; width: max-content; }
.matrix .cell { display: block; color: var(--quiet); overflow-wrap: anywhere; }
.status.absent, .status.waived { color: var(--none); }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem 1.5rem; padding: .75rem 0 1.25rem; }
.panel { min-width: 0; border-top: 2px solid var(--line); } .panel .exchange { grid-template-columns: minmax(0, 1fr); }
.panel .mismatch { background: var(--fail-wash); }
.panel .name { font-weight: 650; margin: .4rem 0; }
.gate { border-left: 4px solid var(--line); padding-left: 1rem; margin-top: 1.5rem; }
.gate.bad { border-color: var(--fail); } .gate.unsure { border-color: var(--inconclusive); } .gate.good { border-color: var(--pass); }
.figures-table :is(th, td) { white-space: nowrap; } .figures-table td { text-align: right; } .figures-table thead th:not(:first-child) { text-align: right; }
@media print { .scroll { overflow: visible; } main > .glance :is(td, th) { white-space: nowrap; }
.matrix { font-size: 8pt; } }
`
