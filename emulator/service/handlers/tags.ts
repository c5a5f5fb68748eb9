import { notFound } from '../errors.js'
import { optionalText, requiredTagKeys, requiredTags } from '../limits.js'
import type { Tagged } from '../region.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type Scene } from './scene.js'
import { answerOf, begin } from './work.js'

/** The requests that change the tags of what is there. */
export const tagChanges: readonly (readonly [string, Handler])[] = [
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
]

function tagResource(scene: Scene, input: Input): object {
  const { now, behaviour } = scene
  const tags = requiredTags(input)
  const resource = requestedResource(scene, input)
  const work = begin(scene, 'TagResource', 0)
  if (work.end !== 'Failed') resource.tags.add(tags, now + behaviour.tagsLateMs)
  return answerOf(scene, work, [{ resource: resource.fixed }])
}

function untagResource(scene: Scene, input: Input): object {
  const keys = requiredTagKeys(input)
  const resource = requestedResource(scene, input)
  const work = begin(scene, 'UntagResource', 0)
  if (work.end !== 'Failed') resource.tags.removeAtOnce(keys)
  return answerOf(scene, work, [{ resource: resource.fixed }])
}

function requestedResource({ region, now }: Scene, input: Input): Tagged {
  const name = existingName(input, 'resourceName')
  const arn = optionalText(input, 'resourceArn')
  const resource = region.tagged(name, now)
  if (arn !== undefined && arn !== resource.fixed.arn) throw notFound('Resource', arn)
  return resource
}
