import type { Config } from '../config/config.ts'
import { marksIn } from '../forge/bait.ts'
import type { KeySet } from '../serve/key-set.ts'
import type { Contact, Listener } from '../serve/listener.ts'
import type { Sent } from './attempt.ts'
import type { Io } from './io.ts'
import type { World } from './world.ts'

/** What came to the listener, told apart by the request that it came of. */
export type Lookout = {
  /** As far as it is known by now. */
  contactsFor(sent: Pick<Sent, 'id' | 'request'>): readonly Contact[]
  /** Whether somebody came who named no request, at a time when no request could be the cause. */
  isNoisy(): boolean
  /** Whether a gateway that follows a URL could have come, so that its not coming proves something. */
  isReachable(): boolean
  /** Resolves once whatever was on its way has had its time. */
  settled(): Promise<void>
}

export const noLookout: Lookout = {
  contactsFor: () => [],
  isNoisy: () => false,
  isReachable: () => false,
  settled: () => Promise.resolve(),
}

/** The way to the target with an eye on the listener of the run, if it has one. */
export const watchListener = (
  { listener, keySet, io, now }: Pick<World, 'listener' | 'keySet' | 'now'> & { readonly io: Io },
  serve: Config['serve'],
  askedBefore: number,
): { readonly lookout: Lookout; readonly io: Io } => {
  if (listener === undefined) return { lookout: noLookout, io }
  const reach = {
    declared: serve.listener?.reachable === true,
    ...(keySet === undefined ? {} : { keySet }),
    askedBefore,
  }
  return keepLookout(listener, reach, { io, now })
}

/** What shows that the gateway can reach us. */
export type Reach = {
  /** The user's word for it. */
  readonly declared: boolean
  /** The key set at the same host, where there is one, and how often it was asked by ourselves alone. */
  readonly keySet?: Pick<KeySet, 'url' | 'counted'>
  readonly askedBefore: number
}

/** A request with a URL at the listener: how many had come before it, and until when whoever comes may be of it. */
type Turn = { readonly id: string; readonly before: number; untilMs: number }

/** How long a fetch may come after the answer to the request that it came of. */
const lateContactsMs = 1_000

/**
 * Keeps an eye on the listener while requests go out by the `io` that comes back. A contact is of the request that it
 * names. One that names none, such as a TLS handshake that led to no request, is of the request with a URL at the listener
 * that was on its way, or was answered less than a second ago: those go out one at a time. Where such contacts came at any
 * other time, they prove nothing.
 */
export const keepLookout = (
  listener: Listener,
  { declared, keySet, askedBefore }: Reach,
  { io, now }: { readonly io: Io; readonly now: () => number },
): { readonly lookout: Lookout; readonly io: Io } => {
  const turns: Turn[] = []
  const atStart = listener.counted()

  /** Whose turn it was when each of them came who named no request, if anybody's. */
  const nameless = (): readonly { readonly contact: Contact; readonly id: string | undefined }[] => {
    const contacts = listener.contacts()
    const forgotten = listener.counted() - contacts.length
    return contacts.flatMap((contact, index) => {
      const number = forgotten + index
      if (number < atStart || marksOf(contact).length > 0) return []
      const turn = turns.findLast(({ before }) => before <= number)
      return [{ contact, id: turn !== undefined && contact.at <= turn.untilMs ? turn.id : undefined }]
    })
  }
  const isNoisy = () => nameless().some(({ id }) => id === undefined)
  const sameHost = keySet !== undefined && new URL(keySet.url).hostname === new URL(listener.url).hostname

  const lookout: Lookout = {
    contactsFor: ({ id, request: { mark } }) => {
      if (mark === undefined) return []
      const named = listener.contacts().filter((contact) => marksOf(contact).includes(mark))
      const others = isNoisy() ? [] : nameless().filter((one) => one.id === id)
      return [...named, ...others.map(({ contact }) => contact)]
    },
    isNoisy,
    isReachable: () => declared || (sameHost && keySet.counted('keys') > askedBefore),
    settled: async () => {
      const rest = (turns.at(-1)?.untilMs ?? 0) - now()
      if (rest > 0) await io.sleep(rest)
    },
  }
  const send: Io['send'] = async (request, options) => {
    if (request.mark === undefined) return io.send(request, options)
    const turn = { id: options.attemptId, before: listener.counted(), untilMs: Number.POSITIVE_INFINITY }
    turns.push(turn)
    const answer = await io.send(request, options)
    turn.untilMs = now() + lateContactsMs
    return answer
  }
  return { lookout, io: { ...io, send } }
}

/** Names of requests in all that was said. */
const marksOf = ({ firstBytes, requests }: Contact): readonly string[] =>
  marksIn([firstBytes, ...requests.map(({ path }) => path)].join('\n'))
