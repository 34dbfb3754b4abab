/** What a run of `gateproof test` came to, by case. `text` is its report.json, or '' where it wrote none. */
export function outcomeOf({ exit, said, text, seconds }) {
  const report = text === '' ? undefined : JSON.parse(text)
  const results = report?.conformance?.results ?? []
  const having = (...statuses) => results.filter(({ verdict }) => statuses.includes(verdict.status))
  const counts = Object.entries(report?.conformance?.summary ?? {})
  return {
    exit,
    said,
    text,
    seconds,
    report,
    complete: report?.complete === true,
    results,
    reasons: report?.exit?.reasons ?? [],
    having,
    /** Ids of the cases with one of these verdicts. */
    ids: (...statuses) => having(...statuses).map((result) => result.case),
    /** Ids of the cases that came to a verdict. */
    judged: new Set(having('pass', 'fail', 'warn', 'observed').map((result) => result.case)),
    /** The verdict on a case, or on one of its variants. */
    verdictOf(name) {
      const [id, variant] = name.split('/')
      const result = results.find((one) => one.case === id)
      const found = variant === undefined ? result : result?.variants?.find((one) => one.name === variant)
      return found?.verdict
    },
    line: `exit ${exit}, ${counts.map(([status, count]) => `${count} ${status}`).join(', ')} in ${seconds.toFixed(1)} s`,
  }
}
