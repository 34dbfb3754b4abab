import { isFilled } from '../config/fields.ts'
import { authorizerFound } from './aws-authorizer.ts'
import type { Found, FoundRoute } from './found.ts'
import type { Node } from './node.ts'

/** The JWT authorizer of a template and the routes, as plain resources or as those of the serverless transform. */
export const importCloudFormation = (template: Node): Found | undefined => {
  const all = template
    .get('Resources')
    .members()
    .map(([name, resource]) => ({ name, resource }))
  const ofType = (type: string): readonly Node[] =>
    all
      .filter(({ resource }) => resource.get('Type').text() === type)
      .map(({ resource }) => resource.get('Properties'))
  const authorizers = [
    ...ofType('AWS::ApiGatewayV2::Authorizer').filter((one) => one.get('AuthorizerType').text() === 'JWT'),
    ...ofType('AWS::Serverless::HttpApi')
      .flatMap((api) => api.get('Auth', 'Authorizers').members())
      .map(([, authorizer]) => authorizer)
      .filter((authorizer) => authorizer.get('JwtConfiguration').isThere),
  ]
  const [authorizer, other] = authorizers
  if (authorizer === undefined) return undefined
  const isDefault = ofType('AWS::Serverless::HttpApi').some(
    (api) => api.get('Auth', 'DefaultAuthorizer').isThere,
  )
  return {
    basePath: '',
    routes: [
      ...ofType('AWS::ApiGatewayV2::Route').flatMap(routeOf),
      ...ofType('AWS::Serverless::Function').flatMap((one) => eventsOf(one, authorizer, isDefault)),
    ],
    ...authorizerFound(authorizer),
    notes: other === undefined ? [] : ['More than one JWT authorizer is in the template: this is the first.'],
    questions: [
      'which stage is deployed? One that is not $default stands in front of each path, in target.url.',
    ],
  }
}

/** `GET /pets`, `ANY /pets/{proxy+}` or `$default`. */
const routeOf = (route: Node): readonly FoundRoute[] => {
  const key = route.get('RouteKey').text()
  const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(key ?? '') ?? []
  if (key === undefined) return []
  const type = route.get('AuthorizationType').text()
  return [
    {
      ...placed(method, path),
      access: type === 'JWT' ? 'protected' : 'public',
      ...(type === 'JWT' && scopeOf(route.get('AuthorizationScopes'))),
      ...(type !== undefined && type !== 'JWT' && type !== 'NONE' && { note: `asks for ${type}` }),
    },
  ]
}

const placed = (
  method: string | undefined,
  path: string | undefined,
): Pick<FoundRoute, 'path' | 'matches' | 'method'> => ({
  path: path ?? '/*',
  matches: path === undefined || path.includes('{') ? 'pattern' : 'itself',
  ...(method !== undefined && method !== 'ANY' && { method }),
})

const scopeOf = (scopes: Node): Pick<FoundRoute, 'scope'> => {
  const names = scopes.texts()
  return isFilled(names) ? { scope: { rule: 'any', scopes: names } } : {}
}

const eventsOf = (one: Node, authorizer: Node, isDefault: boolean): readonly FoundRoute[] =>
  one
    .get('Events')
    .members()
    .filter(([, event]) => event.get('Type').text() === 'HttpApi')
    .map(([, event]) => {
      const properties = event.get('Properties')
      const auth = properties.get('Auth')
      const named = auth.get('Authorizer').text()
      const isGuarded = named === undefined ? isDefault : named !== 'NONE'
      const own = auth.get('AuthorizationScopes')
      return {
        ...placed(properties.get('Method').text()?.toUpperCase(), properties.get('Path').text()),
        access: isGuarded ? 'protected' : 'public',
        ...(isGuarded && scopeOf(own.isThere ? own : authorizer.get('AuthorizationScopes'))),
      }
    })
