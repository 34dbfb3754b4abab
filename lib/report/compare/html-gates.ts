import { html, type Html } from '../html/markup.ts'
import type { Gate } from './baseline.ts'
import { byKind, changeMarks } from './change.ts'

const words = {
  0: { tone: 'good', text: 'no worse than the baseline' },
  1: { tone: 'bad', text: 'worse than the baseline' },
  2: { tone: 'unsure', text: 'could not tell' },
} as const

/** Each later run beside the baseline: what is worse first, each value with its noise. */
export const renderGates = (gates: readonly Gate[]): Html => html`
  <section id="baseline" class="part">
    <h2>Against the baseline</h2>
    ${gates.map(renderGate)}
  </section>
`

const renderGate = ({ name, code, changes }: Gate): Html => html`
  <section class="gate ${words[code].tone}">
    <h3>${name}: ${words[code].text}</h3>
    <p class="quiet">Exit ${code}</p>
    ${changes.length === 0 ? html`<p>Nothing changed that was judged or measured.</p>` : renderChanges(changes)}
  </section>
`

const renderChanges = (changes: Gate['changes']): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="What changed">
    <table>
      <thead>
        <tr>
          <th scope="col">Change</th>
          <th scope="col">What</th>
          <th scope="col">Before and now</th>
        </tr>
      </thead>
      <tbody>
        ${changes.toSorted(byKind).map(({ kind, what, detail }) => {
          const { glyph, word, status } = changeMarks[kind]
          return html`<tr>
            <td>
              <span class="status ${status}"><span aria-hidden="true">${glyph}</span> ${word}</span>
            </td>
            <th scope="row">${what}</th>
            <td>${detail}</td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>
`
