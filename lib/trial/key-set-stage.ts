import { milliseconds } from '../config/duration.ts'
import type { KeyEntry, KeySetChange } from '../config/steps.ts'
import { certificatePem, makeCertificate } from '../forge/certificate.ts'
import { makeMaterial, type KeyMaterial, type PublishedName } from '../forge/published-key.ts'
import { resolve, resolveText } from '../forge/value.ts'
import { ValueError, type Members, type Scene } from '../forge/scene.ts'
import { movedPath, type Behaviour, type KeySet } from '../serve/key-set.ts'
import { generateKeyPairSync } from 'node:crypto'

/** What the key set of a run is changed with. */
export type StageTools = {
  readonly keySet: KeySet
  readonly scene: () => Scene
  readonly random: (bytes: number) => Buffer
}

/** The key set that we serve, as the steps of one case change it. */
export type KeySetStage = {
  /** Serves the set with that change; `probe` is a key that goes with it, so that its taking up can be seen. */
  change(change: KeySetChange, probe: PublishedName | undefined): Promise<void>
  /** A key that nobody knows yet, with a kid of its own. */
  probe(): Promise<PublishedName>
  /** By the names that the steps gave. */
  readonly published: ReadonlyMap<string, PublishedName>
  /** How often the key set was fetched since the last change was taken up or the gateway restarted, or since the case began. */
  fetches(of: 'keys' | 'moved'): number
  /** Milliseconds since then. */
  sinceChangeMs(): number
  /** What was fetched until now does not count: it was for the change, or for the start of the gateway. */
  countAnew(): void
  /** Whether what is served now is no key set that can be taken up. */
  isBroken(): boolean
  /** Milliseconds since the keys were fetched for the last time before they could not be had any more; 0 while they can. */
  withoutKeysMs(): number
  /** Serves the set as it was before the case. */
  restore(): void
}

type Entry = { readonly name?: string; readonly jwk: unknown }

/** Costly keys, made once a run; a case takes another name for them each time. */
export type KeyStore = {
  material(kind: KeyMaterialKind, index: number): Promise<KeyMaterial>
}
type KeyMaterialKind = Parameters<typeof makeMaterial>[0]

export const openKeyStore = (algorithm: string, random: StageTools['random']): KeyStore => {
  const made = new Map<string, Promise<KeyMaterial>>()
  return {
    material: (kind, index) => {
      const name = `${kind} ${index}`
      const known = made.get(name) ?? makeMaterial(kind, algorithm, random)
      made.set(name, known)
      return known
    },
  }
}

/** Makes the keys that these changes publish: an RSA key may take a second, in which the gateway's set grows old. */
export const makeKeys = async (changes: readonly KeySetChange[], store: KeyStore): Promise<void> => {
  const counts = new Map<KeyMaterialKind, number>()
  const made = changes.flatMap(({ replace = [], add = [] }) =>
    [...replace, ...add].filter(isOfKind).map(({ key = 'fresh' }) => {
      const index = counts.get(key) ?? 0
      counts.set(key, index + 1)
      return store.material(key, index)
    }),
  )
  // What cannot be made is told by the step that needs it.
  await Promise.allSettled([store.material('fresh', probeIndex), ...made])
}

/** Whether a key is made for the entry. */
const isOfKind = (entry: KeyEntry): entry is KeyEntry & { readonly key?: KeyMaterialKind } =>
  entry.raw === undefined && entry.key !== 'issuer' && entry.key !== 'second'

/** Opens the key set for one case. */
export const openStage = (tools: StageTools, store: KeyStore): KeySetStage => {
  const { keySet, random, scene } = tools
  const published = new Map<string, PublishedName>()
  const base: readonly Entry[] = keySet
    .keys()
    .map((jwk, index) => ({ name: baseNames[index] ?? `key-${index + 1}`, jwk }))
  const used = new Map<string, number>()
  let entries = base
  let broken = false
  let lastHadAt = 0
  let before = countsOf(keySet)
  let changedAt = performance.now()

  const newKid = (): string => `gateproof-${random(6).toString('hex')}`
  const materialOf = (kind: KeyMaterialKind): Promise<KeyMaterial> => {
    const index = used.get(kind) ?? 0
    used.set(kind, index + 1)
    return store.material(kind, index)
  }
  const entryOf = async (entry: KeyEntry): Promise<readonly Entry[]> => {
    const name = entry.as === undefined ? {} : { name: entry.as }
    if (entry.raw !== undefined) return [{ ...name, jwk: resolve(entry.raw, scene()) }]
    if (!isOfKind(entry)) {
      const own = base.find((one) => one.name === entry.key)
      if (own === undefined) throw new ValueError(`the key set has no key called ${entry.key}`)
      return [{ ...name, jwk: merged(own.jwk, entry.jwk, scene()) }]
    }
    const material = await materialOf(entry.key ?? 'fresh')
    return Array.from({ length: entry.times ?? 1 }, () => {
      const kid = newKid()
      const jwk = merged({ ...material.jwk, kid, alg: material.alg, use: 'sig' }, entry.jwk, scene())
      const own = typeof jwk.kid === 'string' ? jwk.kid : kid
      if (entry.as !== undefined) published.set(entry.as, { ...material, kid: own })
      return { ...name, jwk }
    })
  }
  const listOf = async (list: readonly KeyEntry[]): Promise<readonly Entry[]> => {
    const all: Entry[] = []
    for (const entry of list) all.push(...(await entryOf(entry)))
    return all
  }
  return {
    published,
    probe: async () => ({ ...(await store.material('fresh', probeIndex)), kid: newKid() }),
    change: async (change, probe) => {
      if (change.replace !== undefined) entries = await listOf(change.replace)
      if (change.remove !== undefined)
        entries = entries.filter(({ name }) => name === undefined || change.remove?.includes(name) !== true)
      for (const entry of change.add ?? []) {
        const added = await entryOf(entry)
        entries = entry.first === true ? [...added, ...entries] : [...entries, ...added]
      }
      const served = [...entries.map(({ jwk }) => jwk), ...(probe === undefined ? [] : [probeJwk(probe)])]
      before = countsOf(keySet)
      changedAt = performance.now()
      if (!broken) lastHadAt = performance.now() - keySet.sinceFetchedMs()
      broken = !isWellFormed(change)
      keySet.respond(behaviourOf(change, { set: { keys: served }, url: new URL(keySet.url) }, scene()))
    },
    isBroken: () => broken,
    withoutKeysMs: () => (broken ? performance.now() - lastHadAt : 0),
    fetches: (of) => keySet.counted(of) - before[of],
    sinceChangeMs: () => performance.now() - changedAt,
    countAnew: () => {
      before = { ...before, keys: keySet.counted('keys') }
      changedAt = performance.now()
    },
    restore: () => {
      entries = base
      broken = false
      keySet.respond({})
    },
  }
}

const baseNames = ['issuer', 'second'] as const

/** The material that no case uses. */
const probeIndex = 99

const probeJwk = ({ jwk, kid, alg }: PublishedName): Members => ({ ...jwk, kid, alg, use: 'sig' })

/** A shallow merge in which null removes. */
const merged = (jwk: unknown, changes: Members | undefined, scene: Scene): Members => {
  const whole: Members = typeof jwk === 'object' && jwk !== null ? { ...jwk } : {}
  return Object.fromEntries(
    Object.entries({ ...whole, ...changes })
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, resolve(value, scene)]),
  )
}

const countsOf = (keySet: KeySet) => ({ keys: keySet.counted('keys'), moved: keySet.counted('moved') })

const behaviourOf = (
  change: KeySetChange,
  { set, url }: { readonly set: object; readonly url: URL },
  scene: Scene,
): Behaviour => ({
  body: change.body === undefined ? JSON.stringify(set) : resolveText(change.body, scene),
  ...(change.redirect === true ? { status: 302 } : {}),
  ...(change.status === undefined ? {} : { status: change.status }),
  ...(change.delay === undefined
    ? {}
    : { delayMs: change.delay === 'never' ? Infinity : milliseconds(change.delay) }),
  ...(change.drop === true ? { drop: true } : {}),
  ...(change.etag === true ? { etag: true } : {}),
  headers: [
    ...Object.entries(change.headers ?? {}).map(
      ([name, value]) => [name, resolveText(value, scene)] as const,
    ),
    ...(change.redirect === true ? [['location', otherName(url)] as const] : []),
  ],
  ...(change.discovery === undefined ? {} : { discovery: resolvedMembers(change.discovery, scene) }),
  ...(change.untrusted === true
    ? { certificate: strangeCertificate(url.hostname.replace(/^\[|\]$/g, '')) }
    : {}),
})

/** The same server where it is called otherwise: another host to whoever compares names. */
const otherName = (url: URL): string => {
  const other = new URL(movedPath, url)
  other.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
  return other.href
}

const resolvedMembers = (members: Members, scene: Scene): Members =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, resolve(value, scene)]))

/** For the right name, by nobody whom anybody trusts. */
const strangeCertificate = (host: string): { cert: string; key: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }
  const der = makeCertificate({
    subject: host,
    publicKey,
    signWith: privateKey,
    validity,
    altNames: [host],
    ca: false,
  })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** Whether the change leaves a set that the gateway can take up. */
export const isWellFormed = (change: KeySetChange): boolean =>
  change.body === undefined &&
  change.drop !== true &&
  change.delay === undefined &&
  change.untrusted !== true &&
  change.redirect !== true &&
  change.discovery === undefined &&
  (change.status === undefined || change.status === 200)
