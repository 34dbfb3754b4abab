import type { Fault, Place } from './fault.ts'
import { dotted, isWithin } from './pointer.ts'
import type { Positioned } from './yaml.ts'

/** Notes a mistake at the node that a JSON Pointer names; a node that is missing counts as its parent's. */
export type Tell = (at: string, message: string, hint?: string) => void

/** Collects the faults of one document. */
export type FaultList = {
  readonly faults: readonly Fault[]
  readonly tell: Tell
  /** Like `tell`, at the key of the node and not at its value. */
  readonly tellKey: Tell
  /** Mutes a node and all below it: it has its fault, and what follows from that is no second one. */
  readonly mute: (at: string) => void
  readonly isMuted: (at: string) => boolean
  /** What is told of the node `meant` stands in the document as `written`. */
  readonly rename: (written: string, meant: string) => void
}

/** An empty list for the document, from which the faults get their positions. */
export const listFaults = (document: Positioned): FaultList => {
  const faults: Fault[] = []
  const muted: string[] = []
  const renamed: (readonly [written: string, meant: string])[] = []
  const asWritten = (at: string): string =>
    renamed.reduceRight(
      (pointer, [written, meant]) =>
        isWithin(pointer, meant) ? written + pointer.slice(meant.length) : pointer,
      at,
    )
  const isMuted = (at: string): boolean => muted.some((node) => isWithin(at, node))
  const tellAt =
    (place: (at: string) => Place): Tell =>
    (at, message, hint) => {
      if (isMuted(at)) return
      const path = dotted(at)
      faults.push({
        file: document.file,
        ...place(asWritten(at)),
        ...(path !== '' && { path }),
        message,
        ...(hint !== undefined && { hint }),
      })
    }
  return {
    faults,
    tell: tellAt(document.place),
    tellKey: tellAt(document.keyPlace),
    mute: (at) => void muted.push(at),
    isMuted,
    rename: (written, meant) => void renamed.push([written, meant]),
  }
}
