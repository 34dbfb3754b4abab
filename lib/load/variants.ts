import type { Config } from '../config/config.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { MakeRequest } from '../trial/job.ts'
import { armsOf, type Variants } from './arms.ts'
import type { LoadJudge } from './record.ts'
import { validRequests } from './good-requests.ts'
import { loadBytes } from './load-bytes.ts'
import type { TrafficSource } from './traffic.ts'
import type { ValidationPlan, Variant } from './validation.ts'

/** So many bytes of claims more has a large token: with them it is still shorter than what gateways take. */
const largerBytes = 3000

/**
 * The measurement of validation that a target allows, with so many distinct tokens of each kind that it has at most
 * so many blocks. Undefined where the tokens are not ours to sign.
 */
export const planValidation = async (
  source: TrafficSource,
  { make, judge, blocks }: { readonly make: MakeRequest; readonly judge: LoadJudge; readonly blocks: number },
): Promise<ValidationPlan | undefined> => {
  const { config } = source
  if (config.tokens.kind !== 'keys') return undefined
  const [first, ...more] = config.tokens.keys
  const expecting = (name: 'accept' | 'refuse', requests: Variant['requests']): Variant => ({
    requests,
    isExpected: (answer) =>
      judge.read(answer, { name: 'valid', expect: name }) === (name === 'accept' ? 'let-in' : 'refused'),
  })
  const distinct = async (prefix: string, order: { key?: typeof first; claims?: { padding: string } } = {}) =>
    expecting('accept', await validRequests(source, { count: blocks, prefix, ...order }))
  const repeated = await validRequests(source, { count: 1, prefix: 'repeated' })
  const others: Variants['others'][number][] = []
  for (const key of more) {
    const isNew = [first.alg, ...others.map(({ algorithm }) => algorithm)].every((alg) => alg !== key.alg)
    if (isNew && config.policy.algorithms.includes(key.alg))
      others.push({ algorithm: key.alg, variant: await distinct(key.alg, { key }) })
  }
  return armsOf({
    ...(config.target.routes.public === undefined
      ? {}
      : { public: publicVariants(config, make, fillerLike(make({}))) }),
    repeated: expecting('accept', repeated),
    distinct: await distinct('validation'),
    algorithm: first.alg,
    others,
    large: await distinct('large', { claims: { padding: 'x'.repeat(largerBytes) } }),
    refused: expecting('refuse', [loadBytes(make({ sign: 'attacker' }), config)]),
  })
}

/**
 * The public route, bare and with the bytes of a good token under a name that no gateway reads: where a token is sent
 * at all, some gateways validate it on public routes too, and the difference would be nothing.
 */
const publicVariants = (
  config: Config,
  make: MakeRequest,
  filler: string,
): NonNullable<Variants['public']> => {
  const isExpected: Variant['isExpected'] = ({ status }) => status < 500 && status !== 429
  const bytes = (headers: { name: string; value: string }[]) =>
    loadBytes(make({ carry: 'none', request: { route: 'public', headers } }), config)
  return {
    bare: { requests: [bytes([])], isExpected },
    withBytes: { requests: [bytes([{ name: 'X-Padding-Hdr', value: filler }])], isExpected },
  }
}

/** As many bytes as the credential of a good request, whatever carries it. */
const fillerLike = ({ secrets, headers }: ForgedRequest): string =>
  headers.find(([, value]) => secrets.some((secret) => value.includes(secret)))?.[1] ?? secrets[0] ?? ''
