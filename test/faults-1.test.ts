import { describeFaults } from './fault-laws.ts'

describeFaults(0, 2)
