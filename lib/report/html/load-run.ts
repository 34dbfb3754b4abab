import { formatCount, formatRate } from '../numbers.ts'
import { counted } from '../outcome.ts'
import type { Load } from '../report.ts'
import { html, type Html } from './markup.ts'

type Run = NonNullable<Load['run']>

/** What the numbers rest on: the command, the machine, what the generator itself took, and the parts of a joint run. */
export const renderRun = (load: Load): Html => {
  const { run, witness } = load
  if (run === undefined && witness === undefined) return html``
  return html`
    <h3>What the numbers rest on</h3>
    <dl class="facts">
      ${run === undefined ? undefined : renderFacts(run)}
      ${
        witness === undefined
          ? undefined
          : html`<dt>Witness</dt>
              <dd>${arrivals(witness)}</dd>`
      }
    </dl>
    ${renderGenerator(load.phases)} ${run?.merged === undefined ? undefined : renderShards(run.merged)}
  `
}

const renderFacts = ({ command, machine, startedAt, settings, suite, shard, http }: Run): Html => html`
  <dt>Command</dt>
  <dd><code>${command}</code></dd>
  <dt>Machine</dt>
  <dd>
    ${machine.processor}, ${counted(machine.cores, 'core')}, ${formatCount(machine.memoryMb)} MB;
    ${machine.system}, Node.js ${machine.node}
  </dd>
  <dt>Began</dt>
  <dd>${startedAt}</dd>
  ${
    http === undefined
      ? undefined
      : html`<dt>Protocol</dt>
          <dd>HTTP/${http}</dd>`
  }
  ${
    shard === undefined
      ? undefined
      : html`<dt>Shard</dt>
          <dd>
            ${shard.index} of ${shard.of}, counted from 0: a part of the load, which proves nothing by itself
          </dd>`
  }
  <dt>Digests</dt>
  <dd>settings <code>${settings}</code>, suite <code>${suite.slice(0, 16)}</code></dd>
`

type Phase = Load['phases'][number]

const share = (value: number | null | undefined): string =>
  value === undefined || value === null ? 'unknown' : `${Math.round(value * 100)} %`
const delay = (value: number | null | undefined): string =>
  value === undefined || value === null ? 'unknown' : `${value.toFixed(2)} ms`

/** What is told of the generator itself, and where; a column that no phase has is left out. */
const columns: readonly {
  readonly head: string
  readonly isTold: (phase: Phase) => boolean
  readonly cell: (phase: Phase) => string
}[] = [
  {
    head: 'Threads',
    isTold: ({ workers }) => workers !== undefined,
    cell: ({ workers = 1 }) => formatCount(workers),
  },
  {
    head: 'Processor time',
    isTold: ({ cpuShare }) => cpuShare !== undefined,
    cell: ({ cpuShare }) => share(cpuShare),
  },
  {
    head: 'Event loop busy',
    isTold: ({ busy }) => busy !== undefined,
    cell: ({ busy }) => share(busy),
  },
  {
    head: 'Event loop late, p99',
    isTold: ({ loopDelayP99Ms }) => loopDelayP99Ms !== undefined,
    cell: ({ loopDelayP99Ms }) => delay(loopDelayP99Ms),
  },
  {
    head: 'Sent late, p99',
    isTold: ({ model, latenessP99Ms }) => model === 'open' && latenessP99Ms !== undefined,
    cell: ({ model, latenessP99Ms }) => (model === 'open' ? delay(latenessP99Ms) : '–'),
  },
  {
    head: 'Connections made',
    isTold: ({ connectionsMade }) => connectionsMade !== undefined,
    cell: ({ connectionsMade }) => (connectionsMade === undefined ? 'unknown' : formatCount(connectionsMade)),
  },
]

/** What the generator itself took, phase by phase. */
const renderGenerator = (phases: readonly Phase[]): Html => {
  const told = columns.filter(({ isTold }) => phases.some(isTold))
  if (told.length === 0) return html``
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="The generator">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">The generator in phase</th>
            ${told.map(({ head }) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${phases.map(
            (phase) =>
              html`<tr>
                <th scope="row">${phase.name}</th>
                ${told.map(({ cell }) => html`<td>${cell(phase)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
      <p class="quiet">
        Processor time is a share of one processor, over all threads. A generator that is busy all the time,
        or late, measures itself: then its numbers say little of the target.
      </p>
    </div>
  `
}

/** The witness counts every request that reaches it, be it answered in time or not. */
const arrivals = ({ arrived, sentGood }: NonNullable<Load['witness']>): string => {
  const counts = `${formatCount(arrived)} requests reached the upstream; ${formatCount(sentGood)} good ones were sent, warm-up included.`
  if (arrived > sentGood)
    return `${counts} More arrived than were good: ${formatCount(arrived - sentGood)} that had to be refused, or that somebody else sent.`
  return arrived < sentGood
    ? `${counts} The rest were lost, refused, or answered by the gateway itself.`
    : counts
}

const renderShards = (shards: NonNullable<Run['merged']>): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="Shards">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">Shard</th>
          <th scope="col">Began</th>
          <th scope="col">Verdicts/s</th>
        </tr>
      </thead>
      <tbody>
        ${shards.map(
          ({ shard, startedAt, perSecond }) =>
            html`<tr>
              <th scope="row">${shard.index} of ${shard.of}</th>
              <td>${startedAt}</td>
              <td>${formatRate(perSecond)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`
