import { faults } from './faults.mjs'

/** A sound gateway: every applicable case judged, none with a finding but the warnings that are the front's own. */
export function provesSound(check, run, where, { include = [], warns = [] } = {}) {
  const judged = run.having('pass', 'observed').length
  check(
    `${where}: ${judged} cases judged, no finding${warns.length === 0 ? '' : ` but ${warns.join(', ')}`}${include.length === 0 ? '' : ` (${include.join(', ')})`}`,
    run.exit === 0 &&
      run.complete &&
      judged > 20 &&
      run.ids('fail', 'inconclusive').length === 0 &&
      run.ids('warn').join() === warns.join(),
    `${run.line}; ${saidOf(run)}`,
  )
}

/** A gateway with one fault: exactly what that fault fails has failed, of what could be judged. */
export function provesFault(check, run, name, where) {
  const wanted = faults[name].fails.filter((id) => run.judged.has(id))
  const found = run.ids('fail')
  const missed = wanted.filter((id) => !found.includes(id))
  const beyond = found.filter((id) => !wanted.includes(id))
  check(
    `${where}, fault ${name}: its ${wanted.length} cases fail and no other`,
    run.exit === 1 && run.complete && wanted.length > 0 && missed.length === 0 && beyond.length === 0,
    `${run.line}; missed: ${missed.join(' ')}; beyond: ${beyond.join(' ')}; ${saidOf(run)}`,
  )
}

/** A gateway whose failures are known: of the cases that could be judged, exactly these have failed. */
export function provesFindings(check, run, known, where) {
  const wanted = known.filter((id) => run.judged.has(id))
  const found = run.ids('fail')
  const missed = wanted.filter((id) => !found.includes(id))
  const beyond = found.filter((id) => !wanted.includes(id))
  check(
    `${where}: ${run.judged.size} cases judged, the ${wanted.length} that are known to fail have failed, and no other`,
    run.exit === 1 &&
      run.complete &&
      wanted.length > 0 &&
      run.ids('inconclusive').length === 0 &&
      missed.length === 0 &&
      beyond.length === 0,
    `${run.line}; missed: ${missed.join(' ')}; beyond: ${beyond.join(' ')}; ${saidOf(run)}`,
  )
}

/** Of a gateway with one fault: no case that the fault fails has passed, whatever else became of it. */
export function provesNoFalsePass(check, run, name, where) {
  const passed = run.ids('pass').filter((id) => faults[name].fails.includes(id))
  const found = run.ids('fail').filter((id) => !faults[name].fails.includes(id))
  check(
    `${where}, fault ${name}: no case of it has passed, and no other has failed`,
    run.complete && passed.length === 0 && found.length === 0,
    `${run.line}; passed: ${passed.join(' ')}; failed: ${found.join(' ')}`,
  )
}

function saidOf(run) {
  const list = ['fail', 'warn', 'inconclusive'].map((status) => `${status}: ${run.ids(status).join(' ')}`)
  return [...list, run.said.trim()].join('; ')
}
