import { notFound } from '../errors.js'
import { optionalText, requiredTagKeys, requiredTags } from '../limits.js'
import type { Tagged } from '../region.js'
import type { Input } from '../wire.js'
import { existingName, type Handler, type RequestContext } from './context.js'
import { begin, responseOf } from './work.js'

/** The requests that change tags. */
export const tagChanges: readonly (readonly [string, Handler])[] = [
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
]

function tagResource(context: RequestContext, input: Input): object {
  const { now, behaviour } = context
  const tags = requiredTags(input)
  const resource = requestedResource(context, input)
  const work = begin(context, 'TagResource', 0)
  if (work.end !== 'Failed') resource.tags.add(tags, now + behaviour.tagsLateMs)
  return responseOf(context, work, [{ resource: resource.fixed }])
}

function untagResource(context: RequestContext, input: Input): object {
  const keys = requiredTagKeys(input)
  const resource = requestedResource(context, input)
  const work = begin(context, 'UntagResource', 0)
  if (work.end !== 'Failed') resource.tags.removeAtOnce(keys)
  return responseOf(context, work, [{ resource: resource.fixed }])
}

function requestedResource({ region, now }: RequestContext, input: Input): Tagged {
  const name = existingName(input, 'resourceName')
  const arn = optionalText(input, 'resourceArn')
  const resource = region.tagged(name, now)
  if (arn !== undefined && arn !== resource.fixed.arn) throw notFound('Resource', arn)
  return resource
}
