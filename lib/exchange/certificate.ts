import type { Target } from '../config/config.ts'
import type { TokenBinding } from '../config/token-source.ts'
import type { ForgedRequest } from '../forge/request.ts'

/** The client certificates that a request may travel with, beside that of `target.tls`. */
export type ClientCertificates = Pick<TokenBinding, 'certificate' | 'otherCertificate'>

/** Which client certificate a connection has. */
export type Identity = 'own' | 'other' | 'none'

export const identityOf = ({ certificate }: ForgedRequest): Identity => certificate ?? 'own'

/** The target as it is called with that client certificate. Throws where a second one is asked for and not there. */
export const asIdentity = (
  target: Target,
  { certificate, otherCertificate }: ClientCertificates,
  identity: Identity,
): Target => {
  const { cert, key, ...anonymous } = target.tls
  switch (identity) {
    case 'own':
      return certificate === undefined ? target : { ...target, tls: { ...anonymous, ...certificate } }
    case 'none':
      return { ...target, tls: anonymous }
    case 'other':
      if (otherCertificate === undefined) throw new Error('there is no second client certificate')
      return { ...target, tls: { ...anonymous, ...otherCertificate } }
  }
}
