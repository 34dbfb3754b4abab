import type { Header, Waiver } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { headersOf } from '../exchange/answer.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Contact } from '../serve/listener.ts'
import type { Sent } from '../trial/attempt.ts'
import type { JudgedCase, JudgedVariant } from '../trial/settle.ts'
import type { Lookout } from '../trial/lookout.ts'
import { noWitness, type Witness } from '../trial/witness.ts'
import type { Speech } from '../judge/protocol.ts'
import { byTopic } from './findings.ts'
import { headOf } from './result-head.ts'
import { redactResult } from './redact-evidence.ts'
import { bentSecrets, redactor } from './redact.ts'
import type { Conformance, Evidence, Observed, Result } from './report.ts'
import { waivedBy } from './waivers.ts'

/** What the conformance part of a report is made of. */
export type ConformanceFacts = {
  readonly suite: Suite
  readonly cases: readonly JudgedCase[]
  readonly features: readonly string[]
  readonly style: Readonly<Partial<Record<string, Speech>>>
  readonly witness: Witness
  readonly lookout: Lookout
  readonly waivers: readonly Waiver[]
  /** Values that must not be written down. */
  readonly secrets: readonly string[]
}

/** The conformance part of report.json, with nothing usable left in it. */
export const conformancePart = (facts: ConformanceFacts): Conformance => {
  const results = facts.cases.map((one) => resultOf(one, facts)).toSorted(byTopic)
  const count = (status: Verdict['status']) =>
    results.filter(({ verdict }) => verdict.status === status).length
  return {
    suite: { version: facts.suite.version, digest: facts.suite.digest },
    features: facts.features,
    style: Object.fromEntries(
      Object.entries(facts.style).map(([word, speech]) => [
        word,
        speech === undefined ? null : describe(speech),
      ]),
    ),
    summary: {
      pass: count('pass'),
      fail: count('fail'),
      warn: count('warn'),
      observed: count('observed'),
      inconclusive: count('inconclusive'),
      notApplicable: count('not-applicable'),
      waived: results.filter(({ waived }) => waived !== undefined).length,
    },
    results,
  }
}

const describe = ({ status, scheme, error }: Speech): string =>
  [
    String(status),
    scheme === undefined ? 'no challenge' : `${scheme} challenge`,
    error === undefined ? 'no error code' : `error=${error}`,
  ].join(', ')

const resultOf = (judged: JudgedCase, facts: ConformanceFacts): Result => {
  const { planned, verdict, variants } = judged
  const { requirement, case: one } = planned
  const shown = variants.find((variant) => variant.verdict.status === verdict.status) ?? variants[0]
  const named = variants.some(({ variant }) => variant.name !== undefined)
  const waived = waivedBy(planned.case.id, requirement.topic, verdict, facts.waivers)
  const result: Result = {
    ...headOf(planned),
    verdict,
    ...(named ? { variants: variants.map((variant) => variantPart(variant, facts)) } : {}),
    expected: one.expect,
    ...(shown === undefined || shown.sent.length === 0 ? {} : { observed: observedOf(shown, facts.witness) }),
    ...(named || shown === undefined ? {} : { evidence: evidenceOf(shown, facts) }),
    ...(waived === undefined ? {} : { waived }),
  }
  return redactResult(
    result,
    redactor(secretsOf(variants, facts), { unsigned: letIn(verdict) ? 'redact' : 'keep' }),
  )
}

const letIn = (verdict: Verdict): boolean =>
  'mismatches' in verdict && (verdict.mismatches ?? []).some(({ safety }) => safety === 'fails-open')

const secretsOf = (variants: readonly JudgedVariant[], { secrets }: ConformanceFacts): readonly string[] => [
  ...secrets,
  ...variants.flatMap(({ sent }) => sent.flatMap(({ request }) => bentSecrets(request.secrets))),
]

const variantPart = (judged: JudgedVariant, facts: ConformanceFacts) => ({
  name: judged.variant.name ?? '',
  verdict: judged.verdict,
  ...(judged.sent.length === 0
    ? {}
    : { observed: observedOf(judged, facts.witness), evidence: evidenceOf(judged, facts) }),
})

/** What the verdict is about; without a witness nobody knows what reached the upstream. */
const observedOf = ({ decisive, sent, measured }: JudgedVariant, witness: Witness): Observed => {
  const answer = (decisive ?? sent.at(-1))?.answer
  const more = measured === undefined ? {} : { measured }
  const reachedUpstream = witness === noWitness ? null : sent.some((one) => witness.hitsFor(one).length > 0)
  if (answer === undefined || answer.kind === 'lost')
    return { status: null, challenge: null, reachedUpstream, ms: null, ...more }
  const challenges = headersOf(answer, 'www-authenticate')
  return {
    status: answer.status,
    challenge: challenges.length === 0 ? null : challenges.join(', ').slice(0, 1024),
    reachedUpstream,
    ms: Math.round(answer.ms * 1000) / 1000,
    ...more,
  }
}

/** The exchanges of a finding, up to what decided it and beyond; of what is as it should be, that alone. */
const evidenceOf = (
  { variant, verdict, sent, decisive }: JudgedVariant,
  { witness, lookout }: Pick<ConformanceFacts, 'witness' | 'lookout'>,
): readonly Evidence[] => {
  const quiet = verdict.status === 'pass' || verdict.status === 'observed'
  const deciding = decisive === undefined ? sent.length - 1 : sent.indexOf(decisive)
  const first = Math.max(0, quiet ? deciding : deciding + 1 - mostExchanges)
  return sent.slice(first, quiet ? deciding + 1 : first + mostExchanges).map((one, index) => ({
    ...(one.step === undefined ? {} : { step: one.step }),
    ...(variant.name === undefined ? {} : { variant: variant.name }),
    attempt: first + index + 1,
    request: {
      method: one.request.method,
      target: bounded(one.request.target),
      headers: boundedAll(one.request.headers),
      bodyBytes: one.request.body?.length ?? 0,
      ...(one.request.token === undefined ? {} : { token: one.request.token }),
    },
    response: responseOf(one),
    hits: witness.hitsFor(one).map(({ method, target, headers }) => ({
      method: bounded(method),
      target: bounded(target),
      headers: boundedAll(headers),
    })),
    ...contactsPart(lookout.contactsFor(one)),
  }))
}

/** Who came to the listener because of it; what was said there counts where it was no request. */
const contactsPart = (contacts: readonly Contact[]): Pick<Evidence, 'contacts'> =>
  contacts.length === 0
    ? {}
    : {
        contacts: contacts.slice(0, mostContacts).map(({ protocol, serverName, firstBytes, requests }) => ({
          protocol,
          ...(serverName === undefined ? {} : { serverName }),
          requests,
          ...(requests.length > 0 ? {} : { firstBytes }),
        })),
      }

const mostContacts = 10

const mostExchanges = 10
const mostCharacters = 4096

const bounded = (text: string): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}… (${text.length} characters)`

const boundedAll = (headers: readonly Header[]): readonly Header[] =>
  headers.map(([name, value]) => [bounded(name), bounded(value)] as const)

const responseOf = ({ answer }: Sent): Evidence['response'] =>
  answer.kind === 'lost'
    ? { error: `${answer.loss}: ${answer.detail}` }
    : {
        status: answer.status,
        headers: boundedAll(answer.headers),
        bodyExcerpt: answer.body.excerpt,
        truncated: answer.body.truncated,
      }
