import { authorizerFound } from './aws-authorizer.ts'
import { importCloudFormation } from './aws-cloudformation.ts'
import type { Found } from './found.ts'
import type { Node } from './node.ts'
import { openApiRoutes } from './openapi-routes.ts'
import { serverOf } from './openapi.ts'

/** An HTTP API of Amazon API Gateway: a CloudFormation or SAM template, or an OpenAPI definition with its extension. */
export const importAws = ([document]: readonly Node[]): Found | undefined => {
  if (document === undefined) return undefined
  if (document.get('Resources').isThere) {
    const bodies = document
      .get('Resources')
      .members()
      .map(([, resource]) => resource.get('Properties', 'Body'))
    const [embedded] = bodies.flatMap((body) => importDefinition(body) ?? [])
    return importCloudFormation(document) ?? embedded
  }
  return importDefinition(document)
}

const importDefinition = (definition: Node): Found | undefined => {
  const schemes = definition
    .get('components', 'securitySchemes')
    .members()
    .map(([name, scheme]) => [name, scheme.get('x-amazon-apigateway-authorizer')] as const)
    .filter(([, authorizer]) => authorizer.get('type').text()?.toLowerCase() === 'jwt')
  const [first, other] = schemes
  if (first === undefined) return undefined
  const names = schemes.map(([name]) => name)
  return {
    ...serverOf(definition),
    routes: openApiRoutes(definition, (name) => names.includes(name), 'any'),
    ...authorizerFound(first[1]),
    notes: other === undefined ? [] : [`The authorizer ${other[0]} was not read: this is ${first[0]}.`],
    questions: [],
  }
}
