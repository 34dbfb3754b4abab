import type { Node } from './node.ts'

/** The Kubernetes resources of a kind and an API group in the documents, those in a `List` too. */
export const resources = (documents: readonly Node[], group: string, kind: string): readonly Node[] =>
  documents.flatMap((document) => {
    const inner =
      document.get('kind').text() === 'List' ? resources(document.get('items').items(), group, kind) : []
    const isMeant =
      document.get('kind').text() === kind && document.get('apiVersion').text()?.split('/')[0] === group
    return isMeant ? [document, ...inner] : inner
  })

/** `NAMESPACE/NAME`, or the name alone. */
export const nameOf = (resource: Node): string => resource.get('metadata', 'name').text() ?? ''
