import type { ActName } from './decisions.js'
import type { KnownSnapshot } from './history.js'
import { instanceName, repository } from './place.js'
import type { World } from './world.js'

/** Does what somebody does in the console, or a program on the instance. Nothing happens if it is impossible. */
export function act(name: ActName, world: World): void {
  const what = acts[name](world)
  world.look()
  world.note(name === 'write' ? 'site' : 'somebody', what ?? `${name}: impossible`, what === undefined)
}

const acts: Readonly<Record<ActName, (world: World) => string | undefined>> = {
  write: (world) => {
    const written = world.write('site')
    return written && `writes ${written}`
  },
  'delete newest snapshot': (world) => deleteSnapshot(ownSnapshots(world).at(-1), world),
  'delete oldest snapshot': (world) => deleteSnapshot(ownSnapshots(world)[0], world),
  'tag newest snapshot keep': (world) => keepSnapshot(ownSnapshots(world).at(-1), world),
  'tag oldest snapshot keep': (world) => keepSnapshot(ownSnapshots(world)[0], world),
  'stop instance': (world) => setInstance('stopped', 'running', world),
  'start instance': (world) => setInstance('running', 'stopped', world),
  'detach disk': (world) => {
    const disk = world.live()
    if (disk === undefined || instanceState(world) !== 'stopped') return undefined
    world.region.detach(disk.name)
    world.history.interventions.push(world.now())
    return `detaches disk ${disk.name}`
  },
  'take snapshot': (world) => {
    const disk = world.live()
    if (disk === undefined) return undefined
    const name = `by-hand-${world.requests}`
    if (world.region.snapshots.hasName(name, world.now())) return undefined
    world.region.putSnapshot({
      name,
      source: { type: 'disk', name: disk.name },
      createdAt: world.now(),
      content: world.region.contentOf(disk.name),
    })
    world.history.addSnapshot(name, 'somebody')
    return `takes snapshot ${name}`
  },
}

/** The complete snapshots that this repository took, the oldest first. */
function ownSnapshots({ history, region, now }: World): KnownSnapshot[] {
  return history.snapshots.filter(
    ({ name, stored, goneAt }) =>
      goneAt === undefined &&
      region.snapshots.isFound(name, now()) &&
      region.snapshot(name, now()).state === 'completed' &&
      stored.tags.shownAt(now()).some(({ key, value }) => key === 'repository' && value === repository),
  )
}

function deleteSnapshot(snapshot: KnownSnapshot | undefined, world: World): string | undefined {
  if (snapshot === undefined) return undefined
  world.region.removeSnapshot(snapshot.name)
  snapshot.goneAt = world.now()
  return `deletes snapshot ${snapshot.name}`
}

function keepSnapshot(snapshot: KnownSnapshot | undefined, world: World): string | undefined {
  if (snapshot === undefined) return undefined
  world.region.tag(snapshot.name, [{ key: 'keep' }])
  snapshot.keptFrom ??= world.now()
  return `tags snapshot ${snapshot.name} keep`
}

function instanceState({ region, now }: World): string {
  return region.instance(instanceName, now()).state.name
}

function setInstance(
  state: 'running' | 'stopped',
  before: 'running' | 'stopped',
  world: World,
): string | undefined {
  if (instanceState(world) !== before) return undefined
  world.region.setInstanceState(instanceName, state, world.now())
  world.history.interventions.push(world.now())
  return state === 'running' ? 'starts the instance' : 'stops the instance'
}
