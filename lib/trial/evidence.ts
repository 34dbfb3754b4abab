import type { Answer } from '../exchange/answer.ts'
import type { Claim, Trial } from '../judge/judge.ts'
import { isBusy } from './io.ts'
import type { Lookout } from './lookout.ts'
import type { Findings } from './settle.ts'
import type { Exchanges } from './trial.ts'

/** Answers that only ask for patience are no evidence, unless the case is about them. */
export const trialOf = (
  { sent, proven, executed, reason, notes, step, fetches }: Exchanges,
  { expect }: Pick<Claim, 'expect'>,
  { witness, lookout }: Pick<Findings, 'witness' | 'lookout'>,
): Trial => {
  const listed =
    step?.counting ?? (typeof expect === 'object' && 'status' in expect ? (expect.status ?? []) : [])
  const isListed = (answer: Answer) => answer.kind === 'answered' && listed.includes(answer.status)
  const attempts = sent
    .map(({ id, answer, superseded }) => ({ answer, superseded, hits: witness.hitsFor({ id }) }))
    // A busy backend got the request all the same.
    .filter(
      ({ answer, superseded, hits }) =>
        (superseded !== true && (!isBusy(answer) || isListed(answer))) || hits.length > 0,
    )
  const contacts = sent.flatMap((one) => lookout.contactsFor(one))
  const lures = sent.some(({ request }) => request.mark !== undefined)
  return {
    attempts,
    contacts,
    notes: [...notes, ...(lures && contacts.length === 0 ? silenceNotes(lookout) : [])],
    ...(proven === undefined ? {} : { proven }),
    ...(executed === undefined ? {} : { executed }),
    ...(reason === undefined ? {} : { reason }),
    ...(fetches === undefined ? {} : { fetches }),
  }
}

/** That nobody came to the listener says little where nobody could, or where anybody does. */
const silenceNotes = (lookout: Lookout): readonly string[] => [
  ...(lookout.isReachable() ? [] : ['no-fetch-unproven']),
  ...(lookout.isNoisy() ? ['listener-noisy'] : []),
]
