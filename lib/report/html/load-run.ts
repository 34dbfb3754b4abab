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
      <dt>Generator</dt>
      <dd>${load.phases.map(costOf).join(' ')}</dd>
      ${
        witness === undefined
          ? undefined
          : html`<dt>Witness</dt>
              <dd>${arrivals(witness)}</dd>`
      }
    </dl>
    ${run?.merged === undefined ? undefined : renderShards(run.merged)}
  `
}

const renderFacts = ({ command, machine, startedAt, settings, suite, shard }: Run): Html => html`
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

const costOf = (phase: Load['phases'][number]): string => {
  const facts = [
    ...(phase.cpuShare === undefined || phase.cpuShare === null
      ? []
      : [`${Math.round(phase.cpuShare * 100)} % of a processor`]),
    ...(phase.busy === undefined || phase.busy === null
      ? []
      : [`its event loop busy for ${Math.round(phase.busy * 100)} % of the time`]),
    ...(phase.loopDelayP99Ms === undefined || phase.loopDelayP99Ms === null
      ? []
      : [`late by ${phase.loopDelayP99Ms.toFixed(2)} ms (p99)`]),
    ...(phase.latenessP99Ms === undefined || phase.latenessP99Ms === null
      ? []
      : [`requests sent ${phase.latenessP99Ms.toFixed(2)} ms late (p99)`]),
  ]
  return facts.length === 0 ? '' : `${phase.name}: ${facts.join(', ')}.`
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
