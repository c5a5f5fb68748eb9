import { repeated } from '../../basics/text.js'
import type { InputReader } from '../../github/inputs.js'
import { parseList } from '../../github/parse.js'
import { isSourceName } from '../../lightsail/names.js'
import type { Source, SourceType } from '../../lightsail/types.js'

/** Returns the sources in `disk-name` or `instance-name`, exactly one of the two. Problems are noted. */
export function readSources(inputs: InputReader): Source[] {
  const [disks, instances] = [
    readNames(inputs, 'disk-name', 'disk'),
    readNames(inputs, 'instance-name', 'instance'),
  ]
  // Invalid lists have been noted; they aren't missing.
  if (disks === undefined || instances === undefined) return []
  if (disks.length > 0 && instances.length > 0) {
    inputs.missing('disk-name', 'is given together with instance-name: give exactly one of the two')
  }
  if (disks.length + instances.length === 0) {
    inputs.missing('disk-name', 'is missing, and so is instance-name: give exactly one of the two')
  }
  return [...disks, ...instances]
}

function readNames(
  inputs: InputReader,
  input: 'disk-name' | 'instance-name',
  type: SourceType,
): Source[] | undefined {
  const names = inputs.read(input, (text) => parseList(text, { commas: true }), undefined)
  for (const name of (names ?? []).filter((candidate) => !isSourceName(candidate))) {
    inputs.problem(
      input,
      name,
      `is not a name that ${type === 'disk' ? 'a disk' : 'an instance'} can have: 2 to 255 letters, digits, ".", "_" and "-"`,
    )
  }
  for (const name of repeated(names ?? [])) inputs.problem(input, name, 'is given more than once')
  return names?.map((name) => ({ type, name }))
}
