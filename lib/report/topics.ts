import type { Topic } from '../config/suite.ts'

/** What each topic asks of a gateway, for headings. */
export const topicTitles: Readonly<Record<Topic, string>> = {
  controls: 'Controls: good tokens get in',
  credential: 'How the credential travels',
  alg: 'Algorithms',
  confusion: 'Key and algorithm confusion',
  references: 'Keys that the token brings or names',
  kid: 'Key identifiers',
  header: 'Token header',
  signature: 'Signatures',
  encoding: 'Encoding of the token',
  jwe: 'Encrypted tokens',
  time: 'Time',
  issuer: 'Issuer',
  audience: 'Audience',
  claims: 'Claims',
  scope: 'Scope',
  path: 'Paths and methods',
  hop: 'Headers between hops',
  replay: 'Replay and revocation',
  pop: 'Proof of possession',
  jwks: 'Key sets',
  responses: 'Answers to refused requests',
  upstream: 'What the upstream sees',
  metadata: 'Metadata',
  load: 'Under load',
}
