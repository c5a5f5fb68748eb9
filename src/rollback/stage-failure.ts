import { Failure } from '../basics/failure.js'
import type { Operation } from '../lightsail/types.js'
import type { Stage, StageName } from './stages.js'

/** What has become of a stage's request: `accepted` and not known to have failed, `uncertain` if the response was lost. */
export type Sent = 'no' | 'accepted' | 'uncertain'

/** How far a stage had come. */
interface StageEnd {
  readonly stage: StageName
  readonly open: boolean
  readonly sent: Sent
  readonly operation?: Operation | undefined
}

/** The end of a stage that wasn't reached. */
export class StageFailure extends Failure {
  readonly stage: StageName
  /** Whether it may still be reached: nothing has failed for good. */
  readonly open: boolean
  readonly sent: Sent
  /** The operation of its request, if that was accepted. */
  readonly operation: Operation | undefined

  constructor(message: string, advice: string, { stage, open, sent, operation }: StageEnd, cause?: unknown) {
    super(message, advice, { cause, copyables: cause instanceof Failure ? cause.copyables : [] })
    this.name = 'StageFailure'
    this.stage = stage
    this.open = open
    this.sent = sent
    this.operation = operation
  }
}

const alsoSent: Readonly<Record<Sent, string>> = {
  no: '',
  accepted: ' Lightsail is still working on it.',
  uncertain: ' The request was sent: Lightsail may still carry it out.',
}

/** The end of a stage that was called off. */
export function cancelled(stage: Stage, sent: Sent): StageFailure {
  const message = `This step was cancelled before it could ${stage.toDo}.${alsoSent[sent]}`
  return new StageFailure(message, '', { stage: stage.name, open: true, sent })
}
