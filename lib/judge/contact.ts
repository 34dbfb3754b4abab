import type { Level } from '../config/suite.ts'
import type { Contact } from '../serve/listener.ts'
import { mismatch } from './protocol.ts'
import { quote } from './quote.ts'
import type { Verdict } from './verdict.ts'
import { verdictOf } from './worst.ts'

/** The verdict where somebody came to the listener: a finding, whatever became of the request that named it. */
export const withContacts = (verdict: Verdict, contacts: readonly Contact[], level: Level): Verdict => {
  const [first] = contacts
  if (first === undefined) return verdict
  const more = contacts.length === 1 ? '' : `, and ${contacts.length - 1} more`
  const others = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  const fetched = { ...mismatch('fetched', describeContact(first) + more), level }
  return verdictOf([fetched, ...others], verdict.notes, false)
}

const describeContact = ({ protocol, requests, serverName, firstBytes }: Contact): string => {
  const [request] = requests
  if (request !== undefined) return `${protocol}: ${quote(request.method)} ${quote(request.path)}`
  if (protocol === 'tls')
    return `a TLS handshake without a request${serverName === undefined ? '' : ` for ${quote(serverName)}`}`
  return firstBytes === '' ? 'a TCP connection without a word' : `TCP: ${quote(firstBytes)}`
}
