/** A fault to put into the compiled code: in each file, each text (found exactly once) is replaced. */
export interface Mutation {
  readonly fault: string
  readonly file: string
  readonly edits: readonly (readonly [from: string, to: string])[]
}

/** Faults that the actions once had, and faults of a kind that they could have. */
export const mutations: readonly Mutation[] = [
  {
    fault: 'A rerun after a finished roll-back mistakes the disk in use for its own',
    file: 'rollback/search',
    edits: [
      ['        disk.attachedTo === null &&\n        !wasSwappedIn(disk) &&\n', ''],
      [
        "['pending', 'available'].includes(disk.state)",
        "['pending', 'available', 'in-use'].includes(disk.state)",
      ],
      ['if (!(await mayHaveBeenAttached(disk, search)))', 'if (disk)'],
    ],
  },
  {
    fault: 'After a roll-back the old name means the disk that was replaced',
    file: 'domain/lineage',
    edits: [
      ['named && (await attachedSuccessor(named, lookup))', 'undefined'],
      ['if (named !== undefined && isAttached(named))', 'if (named !== undefined)'],
    ],
  },
  {
    fault: 'Lists are read once, however they change between two pages',
    file: 'lightsail/pages',
    edits: [['const now = await readOnce(readPage, keyOf);', 'const now = before;']],
  },
  {
    fault: 'The instance is stopped however little time is left',
    file: 'rollback/exchange',
    edits: [['if (leftMs < neededMs)', 'if (leftMs < 0)']],
  },
  {
    fault: 'No time beyond wait-timeout to bring the site back',
    file: 'rollback/exchange',
    edits: [['const overtimeMs = 300_000;', 'const overtimeMs = 0;']],
  },
  {
    fault: 'A resumed roll-back leaves the instance as it finds it: stopped',
    file: 'rollback/swap-tags',
    edits: [["wasRunning: started !== 'no'", 'wasRunning: false']],
  },
  {
    fault: 'keep-within alone deletes the newest complete snapshot',
    file: 'retention/policy',
    edits: [['({ rank }) => rank === 1,', '() => false,']],
  },
  {
    fault: "Ages are measured by the runner's clock",
    file: 'retention/candidates',
    edits: [
      ['decideAll(plan, { lightsail, patience })', 'decideAll(plan, { lightsail, patience, clock })'],
      ['lightsail.serviceTime() ?? newestDate(all)', 'clock.now()'],
    ],
  },
  {
    fault: 'A deletion that fails later counts as done',
    file: 'retention/deletion',
    edits: [['return this.#failedIn(operation);', "return { fate: 'deleted' };"]],
  },
  {
    fault: 'A snapshot is deleted without reading it again',
    file: 'retention/deletion',
    edits: [['const reason = reasonToSpare(found);', 'const reason = undefined;']],
  },
  {
    fault: 'Snapshots of other repositories count as own',
    file: 'domain/tags',
    edits: [
      [
        "return isManaged(tagged) && tagOf(tagged, 'repository') === repository;",
        'return isManaged(tagged);',
      ],
    ],
  },
  {
    fault: "client-token is ignored: whatever has the name counts as the step's own snapshot",
    file: 'domain/tags',
    edits: [["return token !== undefined && tagOf(tagged, 'client-token') === token;", 'return true;']],
  },
  {
    fault: "The step's own snapshot is not recognized after a lost response",
    file: 'domain/tags',
    edits: [["return token !== undefined && tagOf(tagged, 'client-token') === token;", 'return false;']],
  },
  {
    fault: 'The choice of a snapshot is forgotten',
    file: 'rollback/search',
    edits: [['const found = begun ?? newestFirst[0];', 'const found = newestFirst[0];']],
  },
  {
    fault: 'A state from before the stop counts as the present one',
    file: 'rollback/bring-back',
    edits: [
      [
        'if (resources === undefined)\n            return { isUp: false, disk: undefined };',
        'resources ??= this.#tracker.resources;',
      ],
    ],
  },
  {
    fault: 'A snapshot of a disk whose swap is half recorded is outside the lineage',
    file: 'domain/lineage',
    edits: [
      [
        'return replacement(name, successor, lineageOf(named));',
        'return replacement(name, successor, lineageOf(successor));',
      ],
    ],
  },
  {
    fault: 'A cancelled step continues for ten seconds',
    file: 'basics/signals',
    edits: [['const graceMs = 3000;', 'const graceMs = 10_000;']],
  },
  {
    fault: 'An operation that succeeded counts as a complete snapshot',
    file: 'domain/verdict',
    edits: [
      ["if (state === 'completed')", "if (state === 'completed' || operation?.status === 'succeeded')"],
    ],
  },
  {
    fault: 'Snapshots in progress are deleted',
    file: 'retention/policy',
    edits: [["return state === 'pending';", 'return false;']],
  },
]
