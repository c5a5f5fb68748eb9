import common from './jest.config.js'

/** What starts hundreds of processes: `npm run reliability`. @type {import('jest').Config} */
export default {
  ...common,
  roots: ['<rootDir>/__tests__/reliability'],
  testPathIgnorePatterns: ['/node_modules/'],
  collectCoverage: false,
}
