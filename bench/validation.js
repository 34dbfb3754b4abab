// How well is the cost of validation measured? `node bench/validation.js [SECONDS] [SHORT]`, after `npm run build`
//
// Three measurements of SECONDS (20) of the embedded gateway, protected route against public route, have to agree within
// 5 µs either way, and none may find two equal requests different. Ten short ones, of SHORT seconds (2), of two equal
// routes have to call what they find noise, nine times of ten at least. The gateway has one core, and who measures another.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinned } from './rivals.js'

const [seconds = 20, short = 2] = process.argv.slice(2).map(Number)
const allowed = 5

const start = (core, name, ...args) => {
  const [command, all] = pinned(core, process.execPath, [
    fileURLToPath(new URL(name, import.meta.url)),
    ...args.map(String),
  ])
  return spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
}

const measure = async (facts, length, which) => {
  const child = start(0, 'cost.js', length, which)
  let printed = ''
  child.stdout.on('data', (piece) => (printed += piece))
  child.send(facts)
  await once(child, 'close')
  return JSON.parse(printed)
}

const cell = (value) => (value === undefined ? '–' : value.toFixed(1)).padStart(9)
const widthOf = ({ low, high }) => (high === undefined ? undefined : (high - low) / 2)

const show = (name, found) => {
  const { median, low, high, blocks, aa, valid, reason } = found
  const cells = [median, low, high, widthOf(found)].map(cell).join('')
  const control = aa === null ? '' : `${aa.low.toFixed(1)} … ${aa.high.toFixed(1)}`
  const doubt = valid ? '' : `  not valid: ${reason}`
  console.log(`  ${name.padEnd(14)}${cells}${String(blocks).padStart(9)}   ${control}${doubt}`)
}

const gateway = start(1, 'gateway.js')
try {
  const [facts] = await once(gateway, 'message')
  console.log(
    `  ${''.padEnd(14)}${['median', 'low', 'high', '±', 'blocks'].map((head) => head.padStart(9)).join('')}   A/A (µs)`,
  )
  const long = []
  for (let run = 1; run <= 3; run++) {
    const found = await measure(facts, seconds, 'real')
    long.push(found)
    show(`${seconds} s, run ${run}`, found)
  }
  const equal = []
  for (let run = 1; run <= 10; run++) {
    const found = await measure(facts, short, 'same')
    equal.push(found)
    show(`equal ${run}`, found)
  }
  const medians = long.map(({ median = NaN }) => median)
  const spread = Math.max(...medians) - Math.min(...medians)
  const widest = Math.max(...long.map((found) => widthOf(found) ?? NaN))
  const sound = long.filter(({ valid }) => valid).length
  const noise = equal.filter(({ significant }) => significant === false).length
  const aims = [
    [`intervals of ±${widest.toFixed(1)} µs at most, of ±${allowed}`, widest <= allowed],
    [`medians within ${spread.toFixed(1)} µs of each other, of ${2 * allowed}`, spread <= 2 * allowed],
    [`${sound} of 3 valid, with 0 in the interval of equal requests`, sound === 3],
    [`a cost of nothing called noise ${noise} times of 10, of 9`, noise >= 9],
  ]
  for (const [what, holds] of aims) console.log(`${holds ? 'held  ' : 'MISSED'} ${what}`)
  process.exitCode = aims.every(([, holds]) => holds) ? 0 : 1
} finally {
  gateway.disconnect()
}
