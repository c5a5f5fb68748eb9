import type { Region } from '../../emulator/service/region.js'
import { Service } from '../../emulator/service/service.js'
import type { Disk } from '../../emulator/service/wire.js'
import { VirtualClock } from '../bench/virtual-clock.js'
import { decisionsOf, type Schedule } from './decisions.js'
import type { SimulatedEvent } from './events.js'
import { History } from './history.js'
import { diskName, diskPath, instanceName, liveDisk, regionName, repository } from './place.js'

/** When every schedule begins. Far from any machine's time, so that nothing depends on it. */
const beginning = Date.parse('2020-03-02T06:00:00Z')
const hourMs = 3_600_000

/** The account, the time, and everything that has happened. */
export class World {
  readonly clock: VirtualClock
  readonly service: Service
  readonly region: Region
  readonly events: SimulatedEvent[] = []
  readonly history: History
  /** Until when connections are refused, on the clock. */
  refusesUntil = 0
  requests = 0
  #ids = 0
  #writes = 0

  constructor(schedule: Schedule, clock = new VirtualClock()) {
    this.clock = clock
    const behaviour = Object.assign(usual(), ...decisionsOf(schedule, 'service').map(({ set }) => set))
    this.service = new Service({ behaviour, now: this.now, newId: this.newId })
    this.region = this.service.region(regionName)
    this.history = new History(this.region)
    this.#fill()
  }

  /** Milliseconds since the epoch, by the service's clock. */
  readonly now = (): number => beginning + this.clock.now()

  /** Returns a unique id, the same in each run of a schedule. */
  readonly newId = (): string => {
    this.#ids += 1
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`
  }

  note(who: string, what: string, isDetail = false): void {
    this.events.push({ at: this.clock.now(), who, what, isDetail })
  }

  /** Looks at the place: what is attached there, what that holds, and whether the instance runs. */
  look(): void {
    this.history.look(this.now())
  }

  /** The disk at the place. */
  live(): Disk | undefined {
    return liveDisk(this.region, this.now())
  }

  /** Writes something new to the live disk, as a program on the instance does. Returns it; undefined if that is impossible. */
  write(who: string): string | undefined {
    this.look()
    const disk = this.live()
    const content = `${who}#${this.#writes + 1}`
    try {
      this.region.writeTo(instanceName, diskPath, content, this.now())
    } catch {
      return undefined
    }
    this.#writes += 1
    if (disk !== undefined) this.history.writes.push({ at: this.now(), diskArn: disk.arn, content })
    this.look()
    return content
  }

  #fill(): void {
    const now = this.now()
    const old = now - 1000 * hourMs
    this.region.addInstance(instanceName, 40, old)
    this.region.addDisk(diskName, 32, old, instanceName, { path: diskPath })
    this.region.addDisk('logs', 8, old, instanceName)
    this.region.setContent(diskName, 'before')
    for (const { hoursAgo, source = diskName, tags, ...seed } of earlierSnapshots) {
      const name = `${source}-${hoursAgo}h-ago`
      const createdAt = now - hoursAgo * hourMs
      this.region.putSnapshot({
        ...seed,
        name,
        source: { type: 'disk', name: source },
        createdAt,
        content: name,
        tags,
      })
    }
    this.history.begin(now)
  }
}

/** A service that takes as long as Lightsail does. */
function usual(): Service['behaviour'] {
  return Object.assign(new Service().behaviour, { snapshotDurationMs: 90_000, diskDurationMs: 40_000 })
}

function takenFor(owner: string, ...more: string[]): { key: string; value: string }[] {
  return [
    { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    { key: 'repository', value: owner },
    { key: 'commit-sha', value: 'a'.repeat(40) },
    ...more.map((key) => ({ key, value: '1' })),
  ]
}

/** What earlier runs and others have left. */
const earlierSnapshots: readonly {
  readonly hoursAgo: number
  readonly source?: string
  readonly tags: readonly { key: string; value: string }[]
  readonly state?: 'error'
  readonly isFromAutoSnapshot?: boolean
}[] = [
  { hoursAgo: 800, tags: takenFor(repository) },
  { hoursAgo: 700, tags: takenFor(repository, 'Keep') },
  { hoursAgo: 600, tags: takenFor('octo-org/other') },
  { hoursAgo: 500, tags: [] },
  { hoursAgo: 400, tags: takenFor(repository), state: 'error' },
  { hoursAgo: 300, tags: takenFor(repository) },
  { hoursAgo: 200, tags: [], isFromAutoSnapshot: true },
  { hoursAgo: 100, source: 'logs', tags: takenFor(repository) },
  { hoursAgo: 50, tags: takenFor(repository) },
  { hoursAgo: 20, tags: takenFor(repository) },
]
