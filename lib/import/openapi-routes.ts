import { isFilled } from '../config/fields.ts'
import type { FoundRoute } from './found.ts'
import type { Node } from './node.ts'

/** Which of the definition's schemes are answered with a token. */
export type SchemeTest = (name: string) => boolean

const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete', 'trace']

/**
 * The operations of an OpenAPI definition. Each security requirement is enough; an empty one makes the others optional,
 * and an empty list means that none is asked for (OpenAPI 3.1, Security Requirement Object).
 */
export const openApiRoutes = (
  definition: Node,
  takesToken: SchemeTest,
  rule: 'all' | 'any',
): readonly FoundRoute[] =>
  definition
    .get('paths')
    .members()
    .flatMap(([path, item]) =>
      item
        .members()
        .filter(([name]) => [...methods, 'x-amazon-apigateway-any-method'].includes(name))
        .map(([name, operation]) => ({
          path,
          matches: path.includes('{') ? 'pattern' : 'itself',
          ...(methods.includes(name) && { method: name.toUpperCase() }),
          ...demandOf(
            operation.get('security').isThere ? operation.get('security') : definition.get('security'),
            {
              takesToken,
              rule,
            },
          ),
        })),
    )

const demandOf = (
  security: Node,
  { takesToken, rule }: { readonly takesToken: SchemeTest; readonly rule: 'all' | 'any' },
): Pick<FoundRoute, 'access' | 'scope' | 'note'> => {
  const requirements = security.items().map((requirement) => requirement.members())
  if (requirements.length === 0) return { access: 'public' }
  const withToken = requirements.filter((schemes) => schemes.some(([name]) => takesToken(name)))
  const [first] = withToken
  if (first === undefined)
    return requirements.some((schemes) => schemes.length === 0)
      ? { access: 'public' }
      : { access: 'public', note: 'asks for another kind of credential' }
  const scopes = first.filter(([name]) => takesToken(name)).flatMap(([, list]) => list.texts())
  const optional = requirements.some((schemes) => schemes.length === 0)
  return { access: optional ? 'optional' : 'protected', ...(isFilled(scopes) && { scope: { rule, scopes } }) }
}
