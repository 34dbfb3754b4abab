import type { ForgedRequest } from '../forge/request.ts'

/** A text of a request that authenticates, and the shell variable that stands for it wherever the request is shown. */
export type Credential = { readonly variable: string; readonly value: string }

/**
 * The credentials of a request, and of the good one that goes first: `TOKEN`, `TOKEN_2`, then `GOOD`. A shell holds no
 * control character in a line, so what has one in its middle is named piece by piece.
 */
export const credentialsOf = (request: ForgedRequest): readonly Credential[] => {
  const own = numbered('TOKEN', piecesOf(request))
  const known = new Set(own.map(({ value }) => value))
  const before = request.before === undefined ? [] : piecesOf(request.before)
  return [
    ...own,
    ...numbered(
      'GOOD',
      before.filter((value) => !known.has(value)),
    ),
  ]
}

const piecesOf = ({ secrets }: ForgedRequest): readonly string[] => [
  ...new Set(secrets.flatMap((secret) => secret.split(/\p{Cc}+/u)).filter((piece) => piece !== '')),
]

const numbered = (name: string, values: readonly string[]): readonly Credential[] =>
  values.map((value, at) => ({ variable: at === 0 ? name : `${name}_${at + 1}`, value }))

/** A text in pieces: what may be shown, and the variables that stand where its credentials stood. */
export type Piece =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'variable'; readonly name: string }

/** Parts a text at its credentials, the longest first, since one may be a part of another. */
export const partAtCredentials = (text: string, credentials: readonly Credential[]): readonly Piece[] =>
  credentials
    .toSorted((one, other) => other.value.length - one.value.length)
    .reduce<readonly Piece[]>(
      (pieces, one) => pieces.flatMap((piece) => partAt(piece, one)),
      [{ kind: 'text', text }],
    )
    .filter((piece) => piece.kind === 'variable' || piece.text !== '')

const partAt = (piece: Piece, { variable, value }: Credential): readonly Piece[] =>
  piece.kind === 'variable'
    ? [piece]
    : piece.text
        .split(value)
        .flatMap((text, at) => [
          ...(at === 0 ? [] : [{ kind: 'variable' as const, name: variable }]),
          { kind: 'text' as const, text },
        ])

/** A text with `$TOKEN` where its token stood. */
export const withVariables = (text: string, credentials: readonly Credential[]): string =>
  partAtCredentials(text, credentials)
    .map((piece) => (piece.kind === 'text' ? piece.text : `$${piece.name}`))
    .join('')
