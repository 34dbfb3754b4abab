import { describeFaults } from './fault-laws.ts'

describeFaults(1, 2)
