import { headerOf } from '../exchange/answer.ts'
import type { UntaughtRoute } from '../run.ts'
import type { Misfit } from '../trial/misfit.ts'
import { visible } from './escape.ts'

/** A difference in a sentence, both values side by side. */
export const misfitText = ({ name, token, wanted, by, remark }: Misfit): string => {
  const where = name === 'clock' ? 'here' : 'in the token'
  const end = remark === undefined ? '' : ` (${remark})`
  return visible(`${name}: ${valueText(token)} ${where}, ${valueText(wanted)} ${by}${end}`)
}

const valueText = (value: unknown): string =>
  value === undefined || value === '' ? 'nothing' : JSON.stringify(value)

/** Why nothing can be judged on some routes, while the protected one is well. */
export const untaughtSentences = (untaught: readonly UntaughtRoute[]): readonly string[] =>
  untaught.flatMap((one) => {
    const saying = sayings[one.trouble]
    const { method, path } = one.route
    return saying === undefined
      ? []
      : [visible(`${method} ${path} ${saying}${answerOf(one)}`), ...one.misfits.map(misfitText)]
  })

const sayings: Readonly<Partial<Record<UntaughtRoute['trouble'], string>>> = {
  'good-refused': 'refuses the good token, so that nothing can be judged there',
  'accepts-everything': 'lets in without any token, as far as its answers tell',
  indistinguishable: 'answers a good token as a bad one or none',
  'marker-missed': 'answers a good token without the marker that it declares (accepted)',
  'no-answer': 'gives no answer to a good token',
  'rate-limited': 'answers nothing but 429 or 503',
}

const answerOf = ({ sent: [first] }: UntaughtRoute): string => {
  const answer = first?.answer
  if (answer?.kind !== 'answered') return ''
  const challenge = headerOf(answer, 'www-authenticate')
  return ` (it answered ${answer.status}${challenge === undefined ? '' : `, WWW-Authenticate: ${challenge.slice(0, 200)}`})`
}
