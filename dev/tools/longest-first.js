import { basename } from 'node:path'
import Sequencer from '@jest/test-sequencer'

/** What takes longest, with the longest first. At the end of a run, it would keep one core busy and leave the others idle. */
const longest = [
  'long-texts',
  'reliability',
  'restore',
  'service-words',
  'remote',
  'bad-days',
  'rehearsal',
  'many',
  'resume',
  'roll-backs',
  'commands',
  'simulate',
  'session',
]

/** Jest knows no times of earlier runs in a clean checkout, and would begin with the largest files. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const place = ({ path }) => longest.indexOf(basename(path, '.test.ts'))
    const rank = (test) => (place(test) < 0 ? longest.length : place(test))
    return (await super.sort(tests)).toSorted((a, b) => rank(a) - rank(b))
  }
}
