import { existsSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config, Route, SigningKey } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { algorithmOf, freshKey } from '../forge/algorithm.ts'
import type { FaultName } from '../reference/gateway/faults.ts'
import { backendClaims, type Stack } from '../reference/stack.ts'
import { startStackThread } from './embedded-thread.ts'
import type { Terminal } from './terminal.ts'

/** The embedded stack with a key of ours that it trusts. */
export type Embedded = { readonly stack: Stack; readonly key: SigningKey; readonly keyFile?: string }

export type EmbeddedOptions = {
  /** On the ports of config/embedded.yaml, with the private key written beside the user. */
  readonly fixed: boolean
  readonly faults: readonly FaultName[]
  /** Where the route `/backend` goes. */
  readonly upstreamUrl?: string
}

const fixedPorts = { gatewayPort: 8480, identityPort: 8481 }
const keyFileName = 'gateproof-embedded.jwks.json'

/** Starts the embedded identity domain and gateway with a fresh signing key of ours among the gateway's static keys. */
export const startEmbedded = async (terminal: Terminal, options: EmbeddedOptions): Promise<Embedded> => {
  const key = await signingKey()
  const { kid, alg, publicKey } = key
  const stack = await startStackThread({
    faults: options.faults,
    signingKeys: [{ kid, alg, publicKey }],
    ...(options.fixed ? fixedPorts : {}),
    ...(options.upstreamUrl === undefined ? {} : { upstreamUrl: options.upstreamUrl }),
  })
  if (!options.fixed) return { stack, key }
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(resolve(terminal.cwd, keyFileName), `${JSON.stringify({ keys: [jwk] })}\n`, { mode: 0o600 })
  return { stack, key, keyFile: keyFileName }
}

/** What `serve --embedded` serves, as far as a configuration needs to know it. */
const fixedStack: Pick<Stack, 'gatewayUrl' | 'issuer' | 'audience'> = {
  gatewayUrl: `http://127.0.0.1:${fixedPorts.gatewayPort}/v1`,
  issuer: 'https://identity.oraclecloud.com/',
  audience: 'https://gw.embedded.test/',
}

/**
 * The configuration of `serve --embedded`, for who has none of their own: with the key that it wrote, else with a fresh
 * one, whose tokens no gateway trusts.
 */
export const standInConfig = async (terminal: Terminal): Promise<Config> => {
  const file = fileURLToPath(new URL('../../config/embedded.yaml', import.meta.url))
  if (existsSync(resolve(dirname(file), '..', keyFileName))) return loadConfig(file, terminal)
  return embeddedConfig({ stack: fixedStack, key: await signingKey() }, '/hello', 'reports')
}

const signingKey = async (): Promise<SigningKey> => {
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  return { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithm)) }
}

/** The configuration that tests the embedded stack; `protectedPath` is `/hello` or, with a witness, `/backend`. */
export const embeddedConfig = (
  {
    stack,
    key,
  }: { readonly stack: Pick<Stack, 'gatewayUrl' | 'issuer' | 'audience'>; readonly key: SigningKey },
  protectedPath: '/hello' | '/backend',
  reportDir: string,
): Config => {
  const { origin, pathname } = new URL(stack.gatewayUrl)
  const route = (path: string): Route => ({ path, method: 'GET', methodDeclared: false, headers: [] })
  return {
    file: 'the embedded stack',
    target: {
      name: 'the embedded gateway',
      origin,
      basePath: pathname,
      routes: {
        protected: route(protectedPath),
        scoped: { ...route('/orders'), scope: { rule: 'any', scopes: ['orders.read'] } },
        public: route('/ping'),
        others: [
          {
            ...route('/orders'),
            method: 'POST',
            methodDeclared: true,
            scope: { rule: 'any', scopes: ['orders.write'] },
          },
        ],
      },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'none' },
      http: '1.1',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 5000,
      pace: { concurrency: 8 },
      unsafeMethods: true,
      hooks: {},
    },
    policy: {
      issuers: [stack.issuer],
      audiences: [stack.audience],
      algorithms: ['RS256'],
      providers: [],
      clockSkewSeconds: 0,
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      forwards: { credential: 'keep', claims: backendClaims, format: 'plain' },
      enforces: new Map<string, true>([
        ['require-exp', true],
        ['bound-tokens', true],
        ['drops-identity-headers', true],
      ]),
    },
    tokens: { kind: 'keys', keys: [key], claims: {}, header: {}, lifetimeSeconds: 300, others: {} },
    serve: {},
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: {
      model: 'closed',
      engine: 'autocannon',
      connections: 10,
      maxConnections: 10,
      arrivals: 'poisson',
      keepAlive: true,
      workers: 1,
      warmupMs: 500,
      phases: [{ name: 'constant', durationMs: 2000, connections: 10 }],
      mix: { valid: 90, 'time-exp-past': 10 },
      tokens: 1000,
    },
    thresholds: [],
    report: { dir: reportDir, formats: ['json', 'html'] },
    secrets: [],
  }
}
