import Type from 'typebox'
import type { Marker } from './config.ts'
import { asList, closed, fieldName, text } from './fields.ts'

const Statuses = (description: string, bounds: { readonly minimum: number; readonly maximum: number }) =>
  Type.Union([Type.Integer(bounds), Type.Array(Type.Integer(bounds), { minItems: 1 })], { description })

/** The schema of a marker. */
export const marker = (description: string) =>
  Type.Object(
    {
      status: Type.Optional(Statuses('One of these statuses', { minimum: 100, maximum: 599 })),
      header: Type.Optional(
        Type.Union(
          [
            fieldName('A header that must be there'),
            Type.Object(
              { name: fieldName('Its name'), contains: Type.Optional(text('A text in its value')) },
              closed,
            ),
          ],
          { description: 'A header that must be there, or its name and a text that its value must contain' },
        ),
      ),
      contains: Type.Optional(text('A text in the body')),
      grpcStatus: Type.Optional(Statuses('One of these gRPC statuses', { minimum: 0, maximum: 16 })),
    },
    { ...closed, minProperties: 1, description: `${description}; all that is given must hold` },
  )

export const resolveMarker = (input: Type.Static<ReturnType<typeof marker>>): Marker => ({
  ...(input.status !== undefined && { status: asList(input.status) }),
  ...(input.header !== undefined && {
    header: typeof input.header === 'string' ? { name: input.header } : input.header,
  }),
  ...(input.contains !== undefined && { contains: input.contains }),
  ...(input.grpcStatus !== undefined && { grpcStatus: asList(input.grpcStatus) }),
})
