// What later steps of the job can read, and the last step of the same action.
export { exportVariable, getInput, getState, saveState } from '@actions/core'
