import { availableParallelism } from 'node:os'

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  // Two folders have a configuration of their own: workflows/ needs an engine that isn't an npm package (npm run test:workflows),
  // and what is in reliability/ starts hundreds of processes (npm run reliability).
  testPathIgnorePatterns: ['/node_modules/', '/__tests__/workflows/', '/__tests__/reliability/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' } }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.build/', '<rootDir>/dist/'],
  // A step at a low request limit, or one that is cut off, takes seconds of its own.
  testTimeout: 60_000,
  // Most suites wait for processes of their own most of the time.
  maxWorkers: 3 * availableParallelism(),
  testSequencer: '<rootDir>/dev/tools/longest-first.js',
  collectCoverage: true,
  // The command line and the bundle's entry run in processes of their own: the end-to-end tests have them.
  collectCoverageFrom: ['src/**/*.ts', 'emulator/**/*.ts', '!emulator/service/main.ts', '!src/index.ts'],
  coverageReporters: ['text-summary', 'lcov'],
  coverageThreshold: { global: { statements: 97, branches: 92, functions: 97, lines: 97 } },
}
